// Command orders takes orders: it reserves the products in the catalog and keeps what was ordered.
package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	if err := run(); err != nil {
		slog.Error("orders stopped", "error", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	databaseURL, catalogURL := os.Getenv("DATABASE_URL"), os.Getenv("CATALOG_URL")
	if databaseURL == "" || catalogURL == "" {
		return errors.New("set DATABASE_URL and CATALOG_URL")
	}
	store, err := open(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer store.close()
	go store.prepare(ctx)

	api := &api{store: store, catalog: newCatalog(catalogURL)}
	server := &http.Server{
		Addr:              ":" + cmp.Or(os.Getenv("PORT"), "8080"),
		Handler:           api.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}

	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("listening", "address", server.Addr)

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	slog.Info("draining")
	return server.Shutdown(draining)
}
