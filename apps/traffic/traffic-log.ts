// The little that the traffic says; any logger with these methods will do.

export interface TrafficLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
