/** The database client's metric, in the names of the semantic conventions. */
import type { InstrumentDefinition } from '../metrics/instrument-definition.ts';
import { instruments } from '../metrics/registry.ts';

export const databaseDefinitions = {
  operationDuration: {
    name: 'db.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Duration of database client operations',
    attributes: {
      'db.system.name': 'sqlite, postgresql',
      'db.namespace': 'Name of the database',
      'db.operation.name': 'SELECT, INSERT, …, COMMIT',
      'db.collection.name': 'The table, when it is one',
      'error.type': 'Code or class of the error; absent for success',
    },
    boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  responseRows: {
    name: 'db.client.response.returned_rows',
    kind: 'histogram',
    unit: '{row}',
    meaning: 'Rows that a database operation returned',
    attributes: {
      'db.system.name': 'sqlite, postgresql',
      'db.namespace': 'Name of the database',
      'db.operation.name': 'SELECT, …',
      'db.collection.name': 'The table, when it is one',
    },
    boundaries: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
    conditional: 'when a statement returns rows',
  },
} as const satisfies Record<string, InstrumentDefinition>;

export const operationDuration = instruments.histogram(databaseDefinitions.operationDuration);
export const responseRows = instruments.histogram(databaseDefinitions.responseRows);
