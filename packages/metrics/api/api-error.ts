/** Errors of the HTTP API: Prometheus' error types with the status that each has (web/api/v1). */

const STATUS = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 499,
  internal: 500,
  unavailable: 503,
  not_found: 404,
  not_acceptable: 406,
} as const;

export type ApiErrorType = keyof typeof STATUS;

export class ApiError extends Error {
  readonly type: ApiErrorType;
  readonly status: number;

  constructor(type: ApiErrorType, message: string, options?: { cause?: unknown; status?: number }) {
    super(message, options);
    this.name = 'ApiError';
    this.type = type;
    this.status = options?.status ?? STATUS[type];
  }
}

export function badData(message: string): ApiError {
  return new ApiError('bad_data', message);
}

/** `invalid parameter "start": cannot parse …`, as the real server says it. */
export function invalidParameter(name: string, why: string): ApiError {
  return badData(`invalid parameter "${name}": ${why}`);
}
