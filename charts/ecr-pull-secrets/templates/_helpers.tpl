{{/* Names and labels. What is named by the instance, and not by the release, can be there once only: Helm refuses a second one. */}}

{{- define "ecr-pull-secrets.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Objects in the namespace of the release. */}}
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

{{/* Of `helm test`. */}}
{{- define "ecr-pull-secrets.doctorPod" -}}
{{- include "ecr-pull-secrets.fullname" . | trunc 56 | trimSuffix "-" }}-doctor
{{- end }}

{{- define "ecr-pull-secrets.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* The Lease, and whatever is cluster-scoped or in other namespaces. As the controller names its Lease. */}}
{{- define "ecr-pull-secrets.instanceName" -}}
{{- if eq .Values.instance "default" }}ecr-pull-secrets{{ else }}ecr-pull-secrets-{{ .Values.instance }}{{ end }}
{{- end }}

{{/* The manager of our entries in managedFields. */}}
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

{{/* The user that the API server knows the controller as. */}}
{{- define "ecr-pull-secrets.username" -}}
system:serviceaccount:{{ include "ecr-pull-secrets.namespace" . }}:{{ include "ecr-pull-secrets.serviceAccountName" . }}
{{- end }}

{{- define "ecr-pull-secrets.secretName" -}}
{{- dig "secretName" "ecr-pull-secret" (.Values.config | default dict) }}
{{- end }}

{{/* Of the controller's Pods, and not of those of the hooks. */}}
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

{{/* With further `labels`, which beat those that every object has; none of them is one of ours (_validate-metadata.tpl). */}}
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

{{/* A release pins its own image by an annotation of the chart: a value would beat the tag that somebody gives. */}}
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
