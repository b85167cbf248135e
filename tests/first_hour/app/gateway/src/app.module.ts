import { Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { join } from 'node:path';
import { ParcelsController } from './parcels.controller';

@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'RATES',
        transport: Transport.GRPC,
        options: {
          package: 'rates',
          protoPath: join(__dirname, '../rates.proto'),
          url: process.env.RATES_ADDRESS ?? 'localhost:50051',
        },
      },
    ]),
  ],
  controllers: [ParcelsController],
})
export class AppModule {}
