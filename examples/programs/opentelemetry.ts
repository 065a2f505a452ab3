// OpenTelemetry: the activity of a token source as metrics. Replace the reader below with your own exporter.
import { openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { meteredEvents } from '../metrics.js';

const sandbox = await startSandbox(); // stands in for the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
const fetch = openBankingFetch({ ...sandbox.config, onEvent: meteredEvents(provider.getMeter('my-service')) });

await fetch(banks);
sandbox.revokeTokens();
await fetch(banks);

await provider.forceFlush();
for (const { metrics } of exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)) {
  for (const { descriptor, dataPoints } of metrics) console.log(descriptor.name, dataPoints.length);
}

await provider.shutdown();
await sandbox.close();
