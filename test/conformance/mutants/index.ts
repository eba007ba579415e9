import { ADVERTISE_MUTANTS } from './advertise.ts';
import { AJP_MUTANTS } from './ajp.ts';
import { APP_MUTANTS } from './app.ts';
import { BALANCING_MUTANTS } from './balancing.ts';
import { CONFIG_MUTANTS } from './config.ts';
import { FAIL_OVER_MUTANTS } from './fail-over.ts';
import { DUMP_MUTANTS, INFO_MUTANTS } from './info.ts';
import { MANAGER_MUTANTS } from './manager.ts';
import type { Mutant } from './mutant.ts';
import { PROXIED_MUTANTS } from './proxied.ts';
import { ROUTING_MUTANTS } from './routing.ts';
import { SECURITY_MUTANTS } from './security.ts';
import { SESSION_MUTANTS } from './sessions.ts';
import { STATE_MUTANTS } from './state.ts';
import { PING_MUTANTS, STATUS_MUTANTS, VERSION_MUTANTS } from './status.ts';
import { WIRE_MUTANTS } from './wire.ts';

/** Every mutant of the balancer, by topic. */
export const BALANCER_MUTANTS: readonly Mutant[] = [
  ...WIRE_MUTANTS,
  ...CONFIG_MUTANTS,
  ...APP_MUTANTS,
  ...STATUS_MUTANTS,
  ...PING_MUTANTS,
  ...VERSION_MUTANTS,
  ...INFO_MUTANTS,
  ...DUMP_MUTANTS,
  ...STATE_MUTANTS,
  ...ROUTING_MUTANTS,
  ...SESSION_MUTANTS,
  ...BALANCING_MUTANTS,
  ...FAIL_OVER_MUTANTS,
  ...PROXIED_MUTANTS,
  ...AJP_MUTANTS,
  ...ADVERTISE_MUTANTS,
  ...MANAGER_MUTANTS,
  ...SECURITY_MUTANTS,
];
