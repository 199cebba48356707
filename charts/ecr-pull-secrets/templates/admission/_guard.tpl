{{/* Only what our own ServiceAccount does is looked at: an error in the guard can stop nobody else. */}}
{{- define "ecr-pull-secrets.guard.isOurs" -}}
- name: is-the-controller
  expression: request.userInfo.username == {{ include "ecr-pull-secrets.username" . | squote }}
{{- end }}
