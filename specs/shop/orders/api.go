package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

type api struct {
	store   *store
	catalog *catalog
}

func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.healthz)
	mux.HandleFunc("GET /readyz", a.readyz)
	mux.HandleFunc("PUT /orders/{id}", a.place)
	mux.HandleFunc("GET /orders/{id}", a.show)
	mux.HandleFunc("GET /sales", a.sales)
	return mux
}

func (a *api) healthz(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *api) readyz(w http.ResponseWriter, r *http.Request) {
	if err := a.store.ready(r.Context()); err != nil {
		answer(w, http.StatusServiceUnavailable, map[string]string{"error": "waiting for the database"})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}

// place is a PUT under an id that the client chose: a repeated request is the same order.
func (a *api) place(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	var quantities map[string]int
	body := http.MaxBytesReader(w, r.Body, 64<<10)
	if !uuid.MatchString(id) || json.NewDecoder(body).Decode(&quantities) != nil || len(quantities) == 0 {
		answer(w, http.StatusBadRequest, map[string]string{"error": "want a UUID and {product: quantity}"})
		return
	}
	lines, err := a.catalog.reserve(r.Context(), id, quantities)
	if err != nil {
		fail(w, err)
		return
	}
	order, err := a.store.place(r.Context(), id, lines)
	if err != nil {
		fail(w, err)
		return
	}
	slog.Info("order placed", "order", order.ID, "cents", order.Cents)
	answer(w, http.StatusCreated, order)
}

func (a *api) show(w http.ResponseWriter, r *http.Request) {
	if !uuid.MatchString(r.PathValue("id")) {
		fail(w, errNotFound)
		return
	}
	order, err := a.store.find(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, order)
}

// sales counts what was sold by product over the last days.
func (a *api) sales(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil || days < 1 || days > 366 {
		answer(w, http.StatusBadRequest, map[string]string{"error": "want days from 1 to 366"})
		return
	}
	sold, err := a.store.sales(r.Context(), days)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, sold)
}

func fail(w http.ResponseWriter, err error) {
	var refused *refusal
	switch {
	case errors.Is(err, errNotFound):
		answer(w, http.StatusNotFound, map[string]string{"error": err.Error()})
	case errors.As(err, &refused):
		answer(w, refused.status, map[string]string{"error": refused.message})
	default:
		slog.Error("request failed", "error", err)
		answer(w, http.StatusServiceUnavailable, map[string]string{"error": "try again"})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("answer lost", "error", err)
	}
}
