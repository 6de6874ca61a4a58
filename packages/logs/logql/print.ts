/** Writes a syntax tree as LogQL that parses back to the same tree. */
import type {
  Expression,
  Grouping,
  LabelExtraction,
  LabelFilter,
  LogRange,
  LogSelector,
  Matcher,
  Metric,
  Stage,
  Unwrap,
  VectorMatching,
} from './ast.ts';
import { printByteSize } from './byte-size.ts';
import { printDuration, printGoDuration, quoteGo } from './duration.ts';
import { formatSample } from './go-number.ts';

export function printLogql(expression: Expression): string {
  if (expression.kind === 'logSelector') return printSelector(expression);
  if (expression.kind === 'variants') {
    return `variants(${expression.metrics.map(printMetric).join(', ')}) of (${printRange(expression.of)})`;
  }
  return printMetric(expression);
}

function printMetric(metric: Metric): string {
  switch (metric.kind) {
    case 'literal':
      return printLiteral(metric.value);
    case 'vector':
      return `vector(${formatSample(metric.value)})`;
    case 'labelReplace':
      return `label_replace(${[
        printMetric(metric.inner),
        ...[metric.destination, metric.replacement, metric.source, metric.regex].map(quoteGo),
      ].join(',')})`;
    case 'rangeAggregation': {
      const parameter = metric.parameter === undefined ? '' : `${formatSample(metric.parameter)},`;
      const grouping = metric.grouping === undefined ? '' : ` ${printGrouping(metric.grouping)}`;
      return `${metric.operator}(${parameter}${printRange(metric.range)})${grouping}`;
    }
    case 'vectorAggregation': {
      const parameter = metric.parameter === undefined ? '' : `${formatSample(metric.parameter)},`;
      const grouped = metric.grouping.without || metric.grouping.labels.length > 0;
      return `${metric.operator}${grouped ? ` ${printGrouping(metric.grouping)} ` : ''}(${parameter}${printMetric(metric.inner)})`;
    }
    case 'binary':
      return `(${printMetric(metric.left)} ${metric.operator}${printModifier(metric.bool, metric.matching)} ${printMetric(metric.right)})`;
  }
}

/** There is no notation for what is not a finite number; these operations fold to it when they are read. */
function printLiteral(value: number): string {
  if (Number.isNaN(value)) return '(0 / 0)';
  if (!Number.isFinite(value)) return value > 0 ? '(1e308 * 10)' : '(-1e308 * 10)';
  return formatSample(value);
}

function printGrouping(grouping: Grouping): string {
  return `${grouping.without ? 'without' : 'by'} (${grouping.labels.join(',')})`;
}

function printModifier(bool: boolean, matching: VectorMatching): string {
  let text = bool ? ' bool' : '';
  const plain = !matching.on && matching.labels.length === 0 && matching.cardinality === 'one-to-one';
  if (plain) return text;
  text += ` ${matching.on ? 'on' : 'ignoring'} (${matching.labels.join(',')})`;
  if (matching.cardinality === 'one-to-one') return text;
  return `${text} ${matching.cardinality === 'many-to-one' ? 'group_left' : 'group_right'} (${matching.include.join(',')})`;
}

function printRange(range: LogRange): string {
  const unwrap = range.unwrap === undefined ? '' : ` ${printUnwrap(range.unwrap)}`;
  const offset = range.offsetNs === 0 ? '' : ` offset ${printDuration(range.offsetNs)}`;
  return `${printSelector(range.selector)}${unwrap} [${printDuration(range.rangeNs)}]${offset}`;
}

function printUnwrap(unwrap: Unwrap): string {
  const target = unwrap.conversion === undefined ? unwrap.name : `${unwrap.conversion}(${unwrap.name})`;
  return [`| unwrap ${target}`, ...unwrap.filters.map((filter) => `| ${printLabelFilter(filter)}`)].join(' ');
}

export function printSelector(selector: LogSelector): string {
  const stages = selector.stages.map((stage) => ` ${printStage(stage)}`).join('');
  return `{${selector.matchers.map(printMatcher).join(', ')}}${stages}`;
}

export function printMatcher(matcher: Matcher): string {
  return `${matcher.name}${matcher.operator}${quoteGo(matcher.value)}`;
}

function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'lineFilter':
      return `${stage.operator} ${stage.operands
        .map(({ ip, text }) => (ip ? `ip(${quoteGo(text)})` : quoteGo(text)))
        .join(' or ')}`;
    case 'json':
      return `| json${printExtractions(stage.extractions)}`;
    case 'logfmt':
      return `| logfmt${stage.strict ? ' --strict' : ''}${stage.keepEmpty ? ' --keep-empty' : ''}${printExtractions(stage.extractions)}`;
    case 'regexp':
    case 'pattern':
      return `| ${stage.kind} ${quoteGo(stage.pattern)}`;
    case 'unpack':
    case 'decolorize':
      return `| ${stage.kind}`;
    case 'labelFilter':
      return `| ${printLabelFilter(stage.filter)}`;
    case 'lineFormat':
      return `| line_format ${quoteGo(stage.template)}`;
    case 'labelFormat':
      return `| label_format ${stage.formats
        .map(({ name, kind, value }) => `${name}=${kind === 'rename' ? value : quoteGo(value)}`)
        .join(',')}`;
    case 'drop':
    case 'keep':
      return `| ${stage.kind} ${stage.labels.map((label) => (typeof label === 'string' ? label : printMatcher(label))).join(',')}`;
  }
}

function printExtractions(extractions: readonly LabelExtraction[]): string {
  if (extractions.length === 0) return '';
  return ` ${extractions.map(({ name, expression }) => `${name}=${quoteGo(expression)}`).join(',')}`;
}

function printLabelFilter(filter: LabelFilter): string {
  switch (filter.kind) {
    case 'string':
      return printMatcher(filter.matcher);
    case 'number':
      return `${filter.name}${filter.operator}${formatSample(filter.value)}`;
    case 'duration':
      return `${filter.name}${filter.operator}${printGoDuration(filter.value)}`;
    case 'bytes':
      return `${filter.name}${filter.operator}${printByteSize(filter.value)}`;
    case 'ip':
      return `${filter.name}${filter.operator}ip(${quoteGo(filter.pattern)})`;
    case 'and':
      return `( ${printLabelFilter(filter.left)} , ${printLabelFilter(filter.right)} )`;
    case 'or':
      return `( ${printLabelFilter(filter.left)} or ${printLabelFilter(filter.right)} )`;
  }
}
