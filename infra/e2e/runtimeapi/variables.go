package runtimeapi

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
)

// variables are the process's whole environment: those of the template, and
// those that Lambda sets, which win.
func variables(cfg Config, runtimeAPI string) []string {
	all := maps.Clone(cfg.Env)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_LAMBDA_FUNCTION_NAME":        cfg.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(cfg.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       cfg.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "[$LATEST]" + hexOf(16),
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_REGION":                      cfg.Identity.Region,
		"AWS_DEFAULT_REGION":              cfg.Identity.Region,
		"AWS_ACCESS_KEY_ID":               cfg.Identity.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           cfg.Identity.SecretAccessKey,
		"AWS_SESSION_TOKEN":               cfg.Identity.SessionToken,
		"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
		"_HANDLER":                        "bootstrap",
		"LAMBDA_TASK_ROOT":                filepath.Dir(cfg.Bootstrap),
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"PATH":                            "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
	})
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, name+"="+all[name])
	}
	return out
}
