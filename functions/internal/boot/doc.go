// Package boot is what the eight functions share between main and their
// services: the environment, the clock, logs, metrics, the adapters and the
// start.
//
//	main ──▶ Main(name, config.LoadDefaultConfig, build)
//	            ├─ Load: every variable at once, everything missing in one error
//	            ├─ Parts: clock, logger, metrics, adapters, made when asked for
//	            ├─ build: the function's service and its handler
//	            └─ lambda.Start
//
// # Logs
//
// One JSON object a line, by slog: time, level, msg, function, stage,
// cold_start, request_id (Lambda's) and correlation_id, which is the same in
// all functions that one request went through: the root of X-Ray's trace where
// it began, carried on in messages and notices (package correlation). Services add codes and IDs, and nothing else: no keys, tokens,
// addresses or texts of Apple's.
//
// # Metrics
//
// Lines in CloudWatch's embedded metric format. The stage is the one
// dimension: each further value of a dimension is a metric that costs money, so
// that IDs are properties, to be found by Logs Insights.
//
// Source: CloudWatch user guide, "Specification: Embedded metric format".
package boot
