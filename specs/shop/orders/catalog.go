package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// line is one product of an order at the price of the day.
type line struct {
	Product  string `json:"product"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Cents    int64  `json:"cents"`
}

// refusal is the catalog's no: an unknown product, too little stock.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

type catalog struct {
	url    string
	client *http.Client
}

func newCatalog(url string) *catalog {
	return &catalog{url: url, client: &http.Client{Timeout: 5 * time.Second}}
}

// reserve takes the products off the stock, all or none; the catalog knows an order that it has seen.
func (c *catalog) reserve(ctx context.Context, order string, quantities map[string]int) ([]line, error) {
	body, err := json.Marshal(map[string]any{"order": order, "quantities": quantities})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/reservations", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	limited := io.LimitReader(response.Body, 1<<20)
	switch {
	case response.StatusCode == http.StatusOK:
		var lines []line
		err := json.NewDecoder(limited).Decode(&lines)
		return lines, err
	case response.StatusCode >= 400 && response.StatusCode < 500:
		var no struct{ Detail any }
		_ = json.NewDecoder(limited).Decode(&no)
		return nil, &refusal{response.StatusCode, fmt.Sprint(no.Detail)}
	}
	return nil, fmt.Errorf("catalog answered %s", response.Status)
}
