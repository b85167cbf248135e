// Command migrate brings the warehouse's tables to the newest version. Run twice, it changes nothing.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrations embed.FS

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	// An interrupted run rolls back its open transaction and fails, so that the Job starts another.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("DATABASE_URL")); err != nil {
		slog.Error("migration failed", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string) error {
	if url == "" {
		return errors.New("set DATABASE_URL")
	}
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close(context.Background())
	// Held until the connection closes: a second runner waits, and then finds nothing to do.
	if _, err := db.Exec(ctx, "select pg_advisory_lock(hashtext('migrate'))"); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "create table if not exists migration (name text primary key)"); err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted by name
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := apply(ctx, db, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *pgx.Conn, name string) error {
	statements, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		fresh, err := tx.Exec(ctx, "insert into migration (name) values ($1) on conflict do nothing", name)
		if err != nil || fresh.RowsAffected() == 0 {
			return err
		}
		slog.Info("applying", "migration", name)
		_, err = tx.Exec(ctx, string(statements))
		return err
	})
}
