{{/* Checks that the schema can't express, such as values that depend on each other. Renders nothing. */}}
{{- define "ecr-pull-secrets.validate" -}}
{{- include "ecr-pull-secrets.validateNames" . }}
{{- include "ecr-pull-secrets.validateConfig" . }}
{{- include "ecr-pull-secrets.validateMetadata" . }}
{{- $only := include "ecr-pull-secrets.onlyNamespaces" . | fromJsonArray }}
{{- if and (eq .Values.rbac.mode "namespaces") (not $only) }}
{{- fail "rbac.mode is `namespaces`, so config.namespaces.only must list the namespaces" }}
{{- end }}
{{- if and (eq .Values.rbac.mode "named") $only }}
{{- fail "config.namespaces.only lists namespaces, so rbac.mode must be `namespaces`" }}
{{- end }}
{{- if and .Values.aws.webIdentity.roleArn (not .Values.aws.webIdentity.enabled) }}
{{- fail "aws.webIdentity.roleArn is set, so aws.webIdentity.enabled must be true: nothing else mounts the token for the role" }}
{{- end }}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{- fail "serviceAccount.create is false, so serviceAccount.name must name an existing ServiceAccount: `default` would give its permissions to every Pod in the namespace" }}
{{- end }}
{{- include "ecr-pull-secrets.validateRelease" . }}
{{- end }}
