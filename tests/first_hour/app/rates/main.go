package main

import (
	"context"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"example.com/parcels/rates/ratespb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

type server struct {
	ratespb.UnimplementedRatesServer
}

func (server) Quote(_ context.Context, request *ratespb.Request) (*ratespb.Price, error) {
	return &ratespb.Price{Cents: 190 + request.GetGrams()/10}, nil
}

func main() {
	listener, err := net.Listen("tcp", ":50051")
	if err != nil {
		log.Fatal(err)
	}
	grpcServer := grpc.NewServer()
	ratespb.RegisterRatesServer(grpcServer, server{})
	healthpb.RegisterHealthServer(grpcServer, health.NewServer())

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-stop
		grpcServer.GracefulStop()
	}()
	log.Fatal(grpcServer.Serve(listener))
}
