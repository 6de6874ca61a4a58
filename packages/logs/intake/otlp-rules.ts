/** Which OTLP attributes become stream labels, structured metadata, or nothing (`limits_config.otlp_config`). */

export type AttributeAction = 'index_label' | 'structured_metadata' | 'drop';

export interface AttributeRule {
  readonly action: AttributeAction;
  matches(attribute: string): boolean;
}

export interface OtlpRules {
  readonly resource: readonly AttributeRule[];
  readonly scope: readonly AttributeRule[];
  readonly log: readonly AttributeRule[];
}

/** Loki's default list of resource attributes that identify a stream. */
const indexedByDefault: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
  'container.name',
  'k8s.replicaset.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
]);

export const defaultResourceRule: AttributeRule = {
  action: 'index_label',
  matches: (attribute) => indexedByDefault.has(attribute),
};

export const defaultOtlpRules: OtlpRules = { resource: [defaultResourceRule], scope: [], log: [] };

export function actionFor(rules: readonly AttributeRule[], attribute: string): AttributeAction {
  for (const rule of rules) if (rule.matches(attribute)) return rule.action;
  return 'structured_metadata';
}
