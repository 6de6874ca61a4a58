/** Reads a push in JSON: `{"streams":[{"stream":{…},"values":[["<ns>","<line>",{…}]]}]}`. */
import { type Label, type Labels, sanitizeLabelName, sortLabels } from '../logql/labels.ts';
import type { PushEntry, PushStream } from '../store/push.ts';
import { PushError } from './push-error.ts';
import { streamLabelsOf } from './stream-labels.ts';

export function parsePushJson(text: string): readonly PushStream[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new PushError(`couldn't parse push request: ${(error as Error).message}`, { cause: error });
  }
  if (!isObject(document)) throw new PushError("couldn't parse push request: the body is not a JSON object");
  const { streams = [] } = document;
  if (!Array.isArray(streams)) throw new PushError("couldn't parse push request: streams is not a list");
  return streams.map((stream: unknown, at) => parseStream(stream, `streams[${at}]`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseStream(stream: unknown, place: string): PushStream {
  if (!isObject(stream)) throw new PushError(`couldn't parse push request: ${place} is not an object`);
  if (!isObject(stream.stream)) throw new PushError(`couldn't parse push request: ${place}.stream is not an object`);
  const { values = [] } = stream;
  if (!Array.isArray(values)) throw new PushError(`couldn't parse push request: ${place}.values is not a list`);
  return {
    labels: streamLabelsOf(stream.stream),
    entries: values.map((value: unknown, at) => parseEntry(value, `${place}.values[${at}]`)),
  };
}

function parseEntry(value: unknown, place: string): PushEntry {
  if (!Array.isArray(value) || value.length < 2) {
    throw new PushError(`couldn't parse push request: ${place} is not [timestamp, line]`);
  }
  const [time, line, metadata] = value as readonly unknown[];
  if (typeof time !== 'string' || !/^-?\d{1,19}$/.test(time)) {
    throw new PushError(`couldn't parse push request: ${place}: the timestamp is not a string of nanoseconds`);
  }
  if (typeof line !== 'string') throw new PushError(`couldn't parse push request: ${place}: the line is not a string`);
  return { timeNs: BigInt(time), line, metadata: metadata === undefined ? [] : parseMetadata(metadata, place) };
}

function parseMetadata(metadata: unknown, place: string): Labels {
  if (!isObject(metadata))
    throw new PushError(`couldn't parse push request: ${place}: the structured metadata is not an object`);
  const labels = Object.entries(metadata).map(([name, value]): Label => {
    if (typeof value !== 'string') {
      throw new PushError(
        `couldn't parse push request: ${place}: the value of structured metadata ${name} is not a string`,
      );
    }
    return [sanitizeLabelName(name), value];
  });
  return sortLabels(labels);
}
