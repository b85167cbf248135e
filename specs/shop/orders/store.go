package main

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

var errNotFound = errors.New("no such order")

type order struct {
	ID    string `json:"id"`
	Cents int64  `json:"cents"`
	Lines []line `json:"lines"`
}

type store struct {
	pool     *pgxpool.Pool
	prepared atomic.Bool
}

// open connects when a connection is first needed, so that a database that starts later is no crash.
// The password comes from PGPASSWORD.
func open(ctx context.Context, url string) (*store, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &store{pool: pool}, nil
}

func (s *store) close() { s.pool.Close() }

// prepare creates what is missing, as soon as there is a database; replicas that start together take turns.
func (s *store) prepare(ctx context.Context) {
	for ctx.Err() == nil {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext('orders'))"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, schema)
			return err
		})
		if err == nil {
			s.prepared.Store(true)
			return
		}
		slog.Warn("database not ready", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

func (s *store) ready(ctx context.Context) error {
	if !s.prepared.Load() {
		return errors.New("not prepared")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return s.pool.Ping(ctx)
}

// place keeps an order; the one that is already there under this id stays.
func (s *store) place(ctx context.Context, id string, lines []line) (order, error) {
	var cents int64
	for _, l := range lines {
		cents += int64(l.Quantity) * l.Cents
	}
	_, err := s.pool.Exec(ctx,
		"insert into orders.placed (id, cents, lines) values ($1, $2, $3) on conflict (id) do nothing", id, cents, lines)
	if err != nil {
		return order{}, err
	}
	return s.find(ctx, id)
}

func (s *store) find(ctx context.Context, id string) (order, error) {
	found := order{ID: id}
	err := s.pool.QueryRow(ctx, "select cents, lines from orders.placed where id = $1", id).Scan(&found.Cents, &found.Lines)
	if errors.Is(err, pgx.ErrNoRows) {
		return order{}, errNotFound
	}
	return found, err
}

func (s *store) sales(ctx context.Context, days int) (map[string]int64, error) {
	rows, err := s.pool.Query(ctx, `
		select line->>'product', sum((line->>'quantity')::int)
		from orders.placed, jsonb_array_elements(lines) line
		where placed >= now() - make_interval(days => $1)
		group by 1`, days)
	if err != nil {
		return nil, err
	}
	sold := map[string]int64{}
	var product string
	var quantity int64
	_, err = pgx.ForEachRow(rows, []any{&product, &quantity}, func() error {
		sold[product] = quantity
		return nil
	})
	return sold, err
}
