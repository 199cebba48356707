{{/* The Pod of a hook. Takes `args`, `component` and the chart's `root`. */}}
{{- define "ecr-pull-secrets.hookLabels" -}}
{{ include "ecr-pull-secrets.releaseLabels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- with merge (dict) (.root.Values.podLabels | default dict) (.root.Values.commonLabels | default dict) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.hookPodSpec" -}}
{{ include "ecr-pull-secrets.podSettings" .root }}
restartPolicy: Never
{{- with .root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.extraInitContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ .component }}
    args: {{ toJson .args }}
    {{- include "ecr-pull-secrets.containerSettings" .root | nindent 4 }}
    {{- with .root.Values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
volumes:
  {{- include "ecr-pull-secrets.volumes" .root | nindent 2 }}
{{- end }}
