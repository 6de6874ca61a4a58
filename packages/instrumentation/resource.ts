/** What describes this process in every signal: the service, the process, the host and the SDK. */
import { randomUUID } from 'node:crypto';
import { arch, hostname, type } from 'node:os';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { TelemetryEnvironment } from './environment.ts';
import { SDK_VERSION } from './sdk-version.ts';

export interface ServiceIdentity {
  readonly serviceName: string;
  readonly serviceVersion?: string;
  readonly serviceNamespace?: string;
  readonly resourceAttributes?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The environment wins over the code, and OTEL_SERVICE_NAME over `service.name` in OTEL_RESOURCE_ATTRIBUTES
 * (specification, "Resource SDK"). The command line and the user's name are left out: both may hold secrets or people.
 */
export function createResource(identity: ServiceIdentity, environment: TelemetryEnvironment): Resource {
  const { resourceAttributes, serviceName } = environment;
  return resourceFromAttributes({
    'service.name': identity.serviceName,
    ...(identity.serviceVersion !== undefined && { 'service.version': identity.serviceVersion }),
    ...(identity.serviceNamespace !== undefined && { 'service.namespace': identity.serviceNamespace }),
    'service.instance.id': randomUUID(),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': SDK_VERSION,
    'process.pid': process.pid,
    'process.executable.name': process.title,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'process.runtime.description': 'Node.js',
    'host.name': hostname(),
    'host.arch': hostArch(),
    'os.type': type().toLowerCase(),
    ...identity.resourceAttributes,
    ...resourceAttributes,
    ...(serviceName !== undefined && { 'service.name': serviceName }),
  });
}

/** Node's names in those of the semantic conventions. */
function hostArch(): string {
  const known: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm32', ia32: 'x86', ppc: 'ppc32' };
  return known[arch()] ?? arch();
}
