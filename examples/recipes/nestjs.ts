// NestJS: a module whose HttpService puts the token on every request. Any module that imports it can inject Banks.
import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Inject, Injectable, Module } from '@nestjs/common';
import { openBankingAuth } from '@open-banking-auth/axios';
import { firstValueFrom } from 'rxjs';
import { apiUrl, tokens } from './open-banking.js';

interface BankList {
  readonly aspsps: readonly { readonly bicFi: string; readonly name: string }[];
}

// @Inject is only needed where the compiler option emitDecoratorMetadata is off, as it is in esbuild and swc.
@Injectable()
export class Banks {
  constructor(@Inject(HttpService) private readonly http: HttpService) {}

  async names(): Promise<string[]> {
    const { data } = await firstValueFrom(this.http.get<BankList>('/psd2/aspspinformation/v1/aspsps'));
    return data.aspsps.map(({ name }) => name);
  }
}

@Module({
  imports: [HttpModule.register({ baseURL: apiUrl, timeout: 10_000 })],
  providers: [Banks],
  exports: [Banks],
})
export class BankModule {
  // HttpModule makes an instance for each module that registers it, so this touches no other module's requests.
  constructor(@Inject(HttpService) http: HttpService) {
    http.axiosRef.interceptors.request.use(openBankingAuth(tokens));
  }
}
