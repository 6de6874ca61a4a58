// The component types that the core and contrib distributions know, so that a component which is merely not supported
// here can be told from one that does not exist. Names only, from the public manifests of the core and contrib
// distributions and of those vendors whose configurations are met most.
import type { ComponentKind } from '../component.ts';

const known: { readonly [K in ComponentKind]: string } = {
  receiver: `
    otlp nop active_directory_ds aerospike apache apachespark awscloudwatch awscloudwatchmetrics
    awscontainerinsightreceiver awsecscontainermetrics awsfirehose awslambda awss3 awsxray azureblob azureeventhub
    azuremonitor bigip carbon chrony ciscoos cloudflare cloudfoundry collectd couchdb datadog docker_stats elasticsearch
    envoyals expvar faro filelog file_log filestats flinkmetrics fluentforward fluent_forward github gitlab gitproxy
    googlecloudmonitoring googlecloudpubsub googlecloudpubsubpush googlecloudspanner haproxy hostmetrics host_metrics
    httpcheck http_check huaweicloudces iis influxdb jaeger jmx journald k8s_cluster k8s_events k8slog k8sobjects
    k8s_objects kafka kafkametrics kafka_metrics kubeletstats kubelet_stats libhoney loki macosunifiedlogging memcached
    mongodb mongodbatlas mysql namedpipe netflow nginx nsxt ntp opencensus oracledb osquery otelarrow otlpjsonfile
    otlp_json_file podman_stats postgresql pprof prometheus prometheusremotewrite prometheus_remote_write prometheus_simple
    pulsar purefa purefb rabbitmq receiver_creator redfish redis riak saphana signalfx simpleprometheus skywalking
    smartagent snmp snowflake solace splunkenterprise splunk_hec splunk_enterprise sqlquery sqlserver sshcheck ssh_check
    statsd stef syslog systemd tcpcheck tcp_check tcplog tcp_log tlscheck tls_check udplog udp_log vcenter vcr_receiver
    wavefront webhookevent webhook_event windowseventlog windows_event_log windowsperfcounters windows_perf_counters
    windowsservice yanggrpc zipkin zookeeper elasticapm profiling`,
  processor: `
    attributes batch memory_limiter coralogix cumulativetodelta cumulative_to_delta datadog deltatocumulative
    delta_to_cumulative deltatorate delta_to_rate dnslookup dns_lookup experimental_metricsgeneration filter geoip
    gen_ai_normalizer groupbyattrs group_by_attrs groupbytrace group_by_trace interval isolationforest k8sattributes
    k8s_attributes logdedup log_dedup logstransform logs_transform lookup metricsgeneration metrics_generation
    metricstarttime metric_start_time metricstransform metrics_transform probabilistic_sampler redaction remotetap
    resource resourcedetection resource_detection routing schema service_graph servicegraph span spanmetrics
    spanpruning sumologic sumo_logic tail_sampling transform unroll elasticapm elastictrace ratelimit
    signozspanmetrics signoztailsampler`,
  exporter: `
    debug nop otlp otlp_grpc otlphttp otlp_http alertmanager alibabacloud_logservice awscloudwatchlogs awsemf awskinesis
    awss3 awsxray azureblob azuredataexplorer azuremonitor bmchelix carbon cassandra clickhouse coralogix datadog
    dataset datasetexporter doris elasticsearch faro file googlecloud googlecloudpubsub googlecloudstorage
    googlemanagedprometheus honeycombmarker influxdb kafka kinetica loadbalancing load_balancing logging logicmonitor
    logzio loki mezmo opencensus opensearch oracleobservability otelarrow prometheus prometheusremotewrite
    prometheus_remote_write pulsar rabbitmq sapm sematext sentry signalfx skywalking splunk_hec stef sumologic syslog
    tencentcloud_logservice tinybird topicpartition zipkin jaeger_storage_exporter clickhousetraces
    signozclickhousemetrics clickhouselogsexporter signozclickhousemeter metadataexporter`,
  connector: `
    forward count datadog exceptions failover grafanacloud metricsaslogs otlpjson otlp_json roundrobin round_robin
    routing servicegraph service_graph signaltometrics signal_to_metrics slowsql spanmetrics span_metrics sum elasticapm
    profilingmetrics`,
  extension: `
    health_check zpages pprof memory_limiter ack asapclient aws_s3_encoding awslogs_encoding awsproxy
    avro_log_encoding azureauth azure_auth azure_encoding basicauth basic_auth bearertokenauth bearer_token_auth
    cfgardenobserver cgroupruntime datadog db_storage docker_observer ecs_observer ecs_task_observer file_storage
    googleclientauth google_client_auth headers_setter health_check_v2 healthcheckv2 host_observer http_forwarder
    jaegerencoding jaeger_encoding jaegerremotesampling jaeger_remote_sampling json_log_encoding k8s_leader_elector
    k8s_observer kafkatopics_observer oauth2client oauth2_client oidc opamp otlp_encoding redis_storage remotetap
    sigv4auth sigv4_auth skywalking_encoding solarwindsapmsettings storage sumologic text_encoding zipkin_encoding
    jaeger_storage jaeger_query asapauth apmconfig`,
};

const names: { readonly [K in ComponentKind]: ReadonlySet<string> } = {
  receiver: new Set(words(known.receiver)),
  processor: new Set(words(known.processor)),
  exporter: new Set(words(known.exporter)),
  connector: new Set(words(known.connector)),
  extension: new Set(words(known.extension)),
};

/** Whether a distribution of the real Collector has a component of this type. */
export function isKnownComponent(kind: ComponentKind, type: string): boolean {
  return names[kind].has(type);
}

/** All known types of a kind. */
export function knownComponents(kind: ComponentKind): readonly string[] {
  return [...names[kind]];
}

function words(list: string): string[] {
  return list.trim().split(/\s+/);
}
