import { Controller, Get, Inject, OnModuleInit, Param } from '@nestjs/common';
import { ClientGrpc } from '@nestjs/microservices';
import { firstValueFrom, Observable } from 'rxjs';

interface Rates {
  quote(request: { grams: number }): Observable<{ cents: number }>;
}

@Controller()
export class ParcelsController implements OnModuleInit {
  private rates!: Rates;

  constructor(@Inject('RATES') private readonly client: ClientGrpc) {}

  onModuleInit() {
    this.rates = this.client.getService<Rates>('Rates');
  }

  @Get('health')
  health() {
    return { ok: true };
  }

  @Get('api/parcels/:number')
  async parcel(@Param('number') number: string) {
    const answer = await fetch(`${process.env.API_URL}/parcels/${Number(number)}`);
    return answer.json();
  }

  @Get('api/quotes/:grams')
  quote(@Param('grams') grams: string) {
    return firstValueFrom(this.rates.quote({ grams: Number(grams) }));
  }
}
