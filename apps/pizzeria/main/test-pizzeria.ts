// A pizzeria on a free port with nothing kept, for tests.

import { type PizzeriaOptions, QUIET_INSTRUMENTS, type RunningPizzeria, startPizzeria } from '../index.ts';

export interface TestPizzeria extends RunningPizzeria {
  /** Sends JSON (or the text as it is) and gives the status and the parsed answer. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Places an order that is accepted, and gives its id. */
  order(part?: object): Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back
  readonly body: any;
}

export const ADA = { name: 'Ada Rossi', phone: '+1 555 0134', address: '12 Via Toledo' };

export const ORDER = {
  customer: ADA,
  items: [{ pizza: 'Margherita', size: 'large', toppings: ['extra cheese'], quantity: 1 }],
  paymentMethod: 'card',
};

export async function testPizzeria(options: Partial<PizzeriaOptions> = {}): Promise<TestPizzeria> {
  const running = await startPizzeria({ host: '127.0.0.1', port: 0, instruments: QUIET_INSTRUMENTS, ...options });
  return callable(running);
}

/** Adds the calls to a pizzeria that runs, here or in another process. */
export function callable(running: RunningPizzeria): TestPizzeria {
  const call: TestPizzeria['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(running.address + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const order: TestPizzeria['order'] = async (part = {}) => {
    const { status, body } = await call('POST', '/api/orders/', { ...ORDER, ...part });
    if (status !== 201) throw new Error(`The order was refused: ${body.detail}`);
    return body.id;
  };
  return { ...running, call, order };
}
