import { createMcmpClient, createSurvey, type McmpClient, type Survey, type SurveyOptions } from '../client/index.ts';
import { targetName } from '../client/target.ts';

/** Balancers to look at and to act upon. */
export interface OpenTargets {
  readonly survey: Survey;
  /** By the names that the survey gives them. A connection of its own: a command does not wait for a long INFO. */
  readonly clients: ReadonlyMap<string, McmpClient>;
  close(): Promise<void>;
}

/** @throws UsageError as `createSurvey` */
export function openTargets(urls: readonly (URL | string)[], options: SurveyOptions = {}): OpenTargets {
  const survey = createSurvey(urls, options);
  const { clock: _, ...clientOptions } = options;
  const clients = new Map<string, McmpClient>();
  for (const url of urls) {
    const name = targetName(new URL(url));
    if (!clients.has(name)) clients.set(name, createMcmpClient(url, clientOptions));
  }
  return {
    survey,
    clients,
    async close() {
      await Promise.all([survey.close(), ...[...clients.values()].map((client) => client.close())]);
    },
  };
}
