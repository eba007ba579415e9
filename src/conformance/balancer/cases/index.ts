import type { BalancerCase } from '../trial.ts';
import { ADVERTISE_CASES } from './advertise.ts';
import { APP_LIST_CASES } from './app-lists.ts';
import { APP_REFUSAL_CASES } from './app-refusals.ts';
import { APP_REMOVE_CASES } from './app-remove.ts';
import { APP_REPLY_CASES } from './app-replies.ts';
import { APP_STATUS_CASES } from './app-status.ts';
import { APP_TABLE_CASES } from './app-tables.ts';
import { BALANCING_CASES } from './balancing.ts';
import { CONFIG_BALANCER_CASES } from './config-balancer.ts';
import { CONFIG_CONFLICT_CASES } from './config-conflicts.ts';
import { CONFIG_CONTEXT_CASES } from './config-contexts.ts';
import { CONFIG_FIELD_CASES } from './config-fields.ts';
import { CONFIG_LIMIT_CASES } from './config-limits.ts';
import { CONFIG_VALUE_CASES } from './config-values.ts';
import { DUMP_CASES } from './dump.ts';
import { FAIL_OVER_CASES } from './fail-over.ts';
import { FRESH_CASES } from './fresh.ts';
import { HEALTH_CASES } from './health.ts';
import { INFO_CASES } from './info.ts';
import { INFO_XML_CASES } from './info-xml.ts';
import { MANAGER_CASES } from './manager.ts';
import { PING_CASES } from './ping.ts';
import { PROXIED_AJP_CASES } from './proxied-ajp.ts';
import { PROXIED_AJP_BODY_CASES } from './proxied-ajp-bodies.ts';
import { PROXIED_BODY_CASES } from './proxied-bodies.ts';
import { PROXIED_CONNECTION_CASES } from './proxied-connections.ts';
import { PROXIED_HEADER_CASES } from './proxied-headers.ts';
import { PROXIED_TUNNEL_CASES } from './proxied-tunnels.ts';
import { ROUTING_CASES } from './routing.ts';
import { SECURITY_ACCESS_CASES } from './security-access.ts';
import { SECURITY_BODY_CASES } from './security-bodies.ts';
import { SECURITY_INJECTION_CASES } from './security-injection.ts';
import { SECURITY_LIMIT_CASES } from './security-limits.ts';
import { SECURITY_REQUEST_CASES } from './security-requests.ts';
import { SECURITY_SMUGGLING_CASES } from './security-smuggling.ts';
import { STATE_CASES } from './state.ts';
import { STATUS_CASES } from './status.ts';
import { STATUS_HEALTH_CASES } from './status-health.ts';
import { STICKY_CASES } from './sticky.ts';
import { STICKY_FAIL_OVER_CASES } from './sticky-fail-over.ts';
import { VERSION_CASES } from './version.ts';
import { WIRE_ANSWER_CASES } from './wire-answers.ts';
import { WIRE_BODY_CASES } from './wire-bodies.ts';
import { WIRE_METHOD_CASES } from './wire-methods.ts';

/** Every case of the balancer direction, in the order of the reference's checklist. */
export const BALANCER_CASES: readonly BalancerCase[] = [
  ...WIRE_ANSWER_CASES,
  ...WIRE_BODY_CASES,
  ...WIRE_METHOD_CASES,
  ...CONFIG_FIELD_CASES,
  ...CONFIG_VALUE_CASES,
  ...CONFIG_LIMIT_CASES,
  ...CONFIG_BALANCER_CASES,
  ...CONFIG_CONTEXT_CASES,
  ...CONFIG_CONFLICT_CASES,
  ...APP_REFUSAL_CASES,
  ...APP_STATUS_CASES,
  ...APP_LIST_CASES,
  ...APP_REPLY_CASES,
  ...APP_REMOVE_CASES,
  ...APP_TABLE_CASES,
  ...STATUS_CASES,
  ...STATUS_HEALTH_CASES,
  ...PING_CASES,
  ...VERSION_CASES,
  ...INFO_CASES,
  ...INFO_XML_CASES,
  ...FRESH_CASES,
  ...DUMP_CASES,
  ...ROUTING_CASES,
  ...STICKY_CASES,
  ...STICKY_FAIL_OVER_CASES,
  ...BALANCING_CASES,
  ...FAIL_OVER_CASES,
  ...HEALTH_CASES,
  ...PROXIED_HEADER_CASES,
  ...PROXIED_BODY_CASES,
  ...PROXIED_CONNECTION_CASES,
  ...PROXIED_TUNNEL_CASES,
  ...PROXIED_AJP_CASES,
  ...PROXIED_AJP_BODY_CASES,
  ...ADVERTISE_CASES,
  ...MANAGER_CASES,
  ...STATE_CASES,
  ...SECURITY_SMUGGLING_CASES,
  ...SECURITY_ACCESS_CASES,
  ...SECURITY_REQUEST_CASES,
  ...SECURITY_INJECTION_CASES,
  ...SECURITY_BODY_CASES,
  ...SECURITY_LIMIT_CASES,
];
