{{/* Only requests of the controller's ServiceAccount are checked: an error in the guard can't block anyone else. */}}
{{- define "ecr-pull-secrets.guard.isOurs" -}}
- name: is-the-controller
  expression: request.userInfo.username == {{ include "ecr-pull-secrets.username" . | squote }}
{{- end }}
