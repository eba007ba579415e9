import {
  DISAGREEMENTS,
  type Survey,
  type SurveyReading,
  surveyDisagreements,
  type TargetReading,
} from '../client/index.ts';
import { bytesOf } from '../core/mcmp/bytes.ts';
import {
  createExposition,
  type Exposition,
  labelText,
  type MetricSink,
  readProgram,
  wordLabel,
} from '../observe/metrics/index.ts';
import { type RowLimits, writeTarget } from './write-target.ts';

export interface ScrapeOptions {
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  /** One target alone, as `/probe` shows it; then nothing is said of this program and of what targets disagree about. */
  readonly only?: string;
}

/** Reads the targets, each in its time, and makes the metrics of what they said. */
export async function scrape(survey: Survey, limits: RowLimits, options: ScrapeOptions): Promise<Exposition> {
  const { only, ...wishes } = options;
  const reading = await survey.read({ ...wishes, ...(only === undefined ? {} : { only: [only] }) });
  const exposition = createExposition();
  for (const one of reading.targets) writeReading(exposition, one, limits, reading.atMs);
  if (only === undefined) {
    writeDisagreements(exposition, reading);
    readProgram(exposition);
  }
  return exposition;
}

function writeReading(exposition: Exposition, reading: TargetReading, limits: RowLimits, nowMs: number): void {
  const target = labelText(bytesOf(reading.target));
  exposition.add('mcmp_target_up', { target }, reading.outcome === 'read' ? 1 : 0);
  if (reading.outcome === 'read') {
    const { good } = reading;
    const { brand, version } = good.state;
    exposition.add('mcmp_target_info', { target, brand: wordLabel(brand), version: labelText(version) }, 1);
    exposition.add('mcmp_target_read_duration_seconds', { target }, good.tookMs / 1000);
    writeTarget(exposition.under(target), good, limits, nowMs);
  } else if (reading.outcome === 'failed') {
    const { error, tookMs } = reading.failure;
    exposition.add('mcmp_target_failure', { target, code: wordLabel(error.code) }, 1);
    exposition.add('mcmp_target_read_duration_seconds', { target }, tookMs / 1000);
  }
}

/** One balancer disagrees with nobody: who has fewer than two that answer is told nothing. */
function writeDisagreements(sink: MetricSink, reading: SurveyReading): void {
  if (reading.targets.filter(({ outcome }) => outcome === 'read').length < 2) return;
  const counts = new Map(Object.keys(DISAGREEMENTS).map((kind) => [kind, 0]));
  for (const { kind } of surveyDisagreements(reading)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const [kind, count] of counts) sink.add('mcmp_disagreements', { kind: wordLabel(kind) }, count);
}
