{{/* Names and labels. An object named after the instance, not the release, can exist only once: Helm refuses a second one. */}}

{{- define "ecr-pull-secrets.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Name of the objects in the release namespace. */}}
{{- define "ecr-pull-secrets.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* Name of the Pod of `helm test`. */}}
{{- define "ecr-pull-secrets.doctorPod" -}}
{{- include "ecr-pull-secrets.fullname" . | trunc 56 | trimSuffix "-" }}-doctor
{{- end }}

{{- define "ecr-pull-secrets.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* Name of the Lease, and of everything that is cluster-scoped or in other namespaces. The controller derives the Lease's name the same way. */}}
{{- define "ecr-pull-secrets.instanceName" -}}
{{- if eq .Values.instance "default" }}ecr-pull-secrets{{ else }}ecr-pull-secrets-{{ .Values.instance }}{{ end }}
{{- end }}

{{/* The field manager of our managedFields entries. */}}
{{- define "ecr-pull-secrets.fieldManager" -}}
{{- include "ecr-pull-secrets.instanceName" . }}
{{- end }}

{{- define "ecr-pull-secrets.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "ecr-pull-secrets.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The controller's user name in the API server. */}}
{{- define "ecr-pull-secrets.username" -}}
system:serviceaccount:{{ include "ecr-pull-secrets.namespace" . }}:{{ include "ecr-pull-secrets.serviceAccountName" . }}
{{- end }}

{{- define "ecr-pull-secrets.secretName" -}}
{{- dig "secretName" "ecr-pull-secret" (.Values.config | default dict) }}
{{- end }}

{{/* Select the controller's Pods, but not the hook Pods. */}}
{{- define "ecr-pull-secrets.selectorLabels" -}}
{{ include "ecr-pull-secrets.releaseLabels" . }}
app.kubernetes.io/component: controller
{{- end }}

{{- define "ecr-pull-secrets.releaseLabels" -}}
app.kubernetes.io/name: {{ include "ecr-pull-secrets.name" . }}
app.kubernetes.io/instance: {{ toYaml .Release.Name }}
{{- end }}

{{- define "ecr-pull-secrets.labels" -}}
{{- include "ecr-pull-secrets.labelsAnd" (dict "root" . "labels" dict) }}
{{- end }}

{{/* With additional `labels`, which override commonLabels. None of them is one of the chart's own (_validate-metadata.tpl). */}}
{{- define "ecr-pull-secrets.labelsAnd" -}}
{{ include "ecr-pull-secrets.releaseLabels" .root }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: ecr-pull-secrets
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with merge (dict) (.labels | default dict) (.root.Values.commonLabels | default dict) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A released chart pins its image in an annotation: a default value for the digest would override a tag that the user sets. */}}
{{- define "ecr-pull-secrets.image" -}}
{{- $pinned := index .Chart.Annotations "ecr-pull-secrets.io/image" }}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else if .Values.image.tag -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- else if hasPrefix (printf "%s@" .Values.image.repository) $pinned -}}
{{ $pinned }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Chart.AppVersion }}
{{- end }}
{{- end }}
