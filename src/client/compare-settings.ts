import { differing, keysOf } from './compare.ts';
import type { ComparedView, Disagreement } from './disagreements.ts';
import { TELLS } from './told.ts';
import type { ViewBalancer } from './view.ts';

type SettingName = Exclude<keyof ViewBalancer, 'name' | 'told'>;

/** Names of CONFIG (reference §2.1), by those of the view. */
export const SETTING_NAMES = {
  stickySession: 'StickySession',
  cookie: 'StickySessionCookie',
  path: 'StickySessionPath',
  remove: 'StickySessionRemove',
  force: 'StickySessionForce',
  timeoutSeconds: 'WaitWorker',
  maxAttempts: 'Maxattempts',
} as const satisfies Record<SettingName, string>;

const SETTINGS = Object.keys(SETTING_NAMES) as SettingName[];

/**
 * What balancers say differently about the settings of a balancer group. That one does not have the group says nothing:
 * Undertow forgets it with its last node, the others never do.
 */
export function compareSettings(views: readonly ComparedView[]): Disagreement[] {
  const tables = views.map(({ target, brand, view }) => ({
    target,
    brand,
    groups: new Map(view.balancers.filter(({ told }) => told).map((group) => [group.name, group])),
  }));
  return [...keysOf(tables.map(({ groups }) => groups))].flatMap((name) =>
    SETTINGS.flatMap((setting) =>
      differing(
        { kind: 'setting', of: name, about: SETTING_NAMES[setting], aliases: [] },
        tables.flatMap(({ target, brand, groups }) => {
          const group = groups.get(name);
          const untold = group === undefined || (setting === 'timeoutSeconds' && !TELLS[brand].waitWorker);
          return untold ? [] : [{ target, value: settingText(group[setting]) }];
        }),
      ),
    ),
  );
}

function settingText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}
