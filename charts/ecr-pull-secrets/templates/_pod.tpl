{{/* Settings shared by the controller's Pods and the hook Pods. */}}

{{- define "ecr-pull-secrets.podSettings" -}}
serviceAccountName: {{ include "ecr-pull-secrets.serviceAccountName" . }}
automountServiceAccountToken: true
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
{{- with .Values.dnsPolicy | default (ternary "ClusterFirstWithHostNet" "" .Values.hostNetwork) }}
dnsPolicy: {{ . }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Flags shared by `run`, `doctor` and `cleanup` are set as environment variables, so that each command finds them, also in `kubectl exec`. */}}
{{- define "ecr-pull-secrets.containerSettings" -}}
image: {{ include "ecr-pull-secrets.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
env:
  - name: ECR_PULL_SECRETS_CONFIG
    value: /etc/ecr-pull-secrets/config.yaml
  - name: ECR_PULL_SECRETS_INSTANCE
    value: {{ .Values.instance | quote }}
  # Namespace of the Lease.
  - name: ECR_PULL_SECRETS_NAMESPACE
    valueFrom:
      fieldRef:
        fieldPath: metadata.namespace
  # Whether a guard that is not in effect is reported.
  - name: ECR_PULL_SECRETS_GUARD
    value: {{ .Values.admissionPolicies.guard.enabled | default false | ternary "expected" "off" | quote }}
  - name: ECR_PULL_SECRETS_LISTEN
    value: {{ printf ":%d" (int .Values.port) | quote }}
  - name: ECR_PULL_SECRETS_LOG_LEVEL
    value: {{ .Values.log.level }}
  - name: ECR_PULL_SECRETS_LOG_FORMAT
    value: {{ .Values.log.format }}
  {{- with include "ecr-pull-secrets.awsEnvironment" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with .Values.nodeOptions }}
  - name: NODE_OPTIONS
    value: {{ . | quote }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: config
    mountPath: /etc/ecr-pull-secrets
    readOnly: true
  {{- if .Values.aws.webIdentity.enabled }}
  - name: aws-token
    mountPath: {{ include "ecr-pull-secrets.tokenDirectory" . }}
    readOnly: true
  {{- end }}
  {{- if .Values.aws.caBundle.configMap }}
  - name: aws-ca
    mountPath: /etc/ecr-pull-secrets-ca
    readOnly: true
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "ecr-pull-secrets.awsEnvironment" -}}
{{- with .Values.aws.region }}
- name: AWS_REGION
  value: {{ . }}
{{- end }}
{{- if .Values.aws.useFipsEndpoint }}
- name: AWS_USE_FIPS_ENDPOINT
  value: 'true'
{{- end }}
{{- if .Values.aws.useDualstackEndpoint }}
- name: AWS_USE_DUALSTACK_ENDPOINT
  value: 'true'
{{- end }}
{{- if and .Values.aws.webIdentity.enabled .Values.aws.webIdentity.roleArn }}
- name: AWS_ROLE_ARN
  value: {{ .Values.aws.webIdentity.roleArn }}
- name: AWS_WEB_IDENTITY_TOKEN_FILE
  value: {{ include "ecr-pull-secrets.tokenDirectory" . }}/token
{{- end }}
{{- with .Values.aws.accessKeySecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: access-key-id
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: secret-access-key
{{- end }}
{{- if .Values.aws.caBundle.configMap }}
- name: AWS_CA_BUNDLE
  value: /etc/ecr-pull-secrets-ca/{{ .Values.aws.caBundle.key }}
{{- end }}
{{- with .Values.aws.proxy.url }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.proxy.noProxy }}
- name: NO_PROXY
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.volumes" -}}
- name: config
  configMap:
    name: {{ include "ecr-pull-secrets.fullname" . }}
{{- if .Values.aws.webIdentity.enabled }}
- name: aws-token
  projected:
    sources:
      - serviceAccountToken:
          audience: {{ .Values.aws.webIdentity.audience | quote }}
          expirationSeconds: {{ int .Values.aws.webIdentity.expirationSeconds }}
          path: token
{{- end }}
{{- with .Values.aws.caBundle.configMap }}
- name: aws-ca
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
