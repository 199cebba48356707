{{/* Paragraphs of the notes. Each is empty where it has nothing to say. */}}

{{/* The roles of web identity: what they must trust, and the provider that must stand for the cluster in their accounts. */}}
{{- define "ecr-pull-secrets.notes.webIdentity" -}}
{{- range include "ecr-pull-secrets.trusts" . | fromJsonArray }}
{{ len .roles | eq 1 | ternary "The role" "The roles" }} {{ join ", " .roles }} must trust it (web identity):
{{ include "ecr-pull-secrets.trustPolicy" (merge (dict "root" $) .) }}

{{ include "ecr-pull-secrets.notes.provider" . }}
{{ end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.provider" -}}
Account {{ .account }} needs an IAM identity provider for the cluster's issuer, once:
{{- if .isIrsa }}
  ISSUER=$(aws eks describe-cluster --name <CLUSTER> --query cluster.identity.oidc.issuer --output text)
{{- else }}
  ISSUER=$(kubectl get --raw /.well-known/openid-configuration | jq -r .issuer)
{{- end }}
  aws iam create-open-id-connect-provider --url "$ISSUER" --client-id-list {{ .audience }}
{{- if .isIrsa }}
In the cluster's own account this does the same: eksctl utils associate-iam-oidc-provider --cluster <CLUSTER> --approve
{{- end }}
{{- end }}

{{/* Roles that are assumed one after the other: each trusts the one before. */}}
{{- define "ecr-pull-secrets.notes.assumedRoles" -}}
{{- $before := dict "podIdentity" "<ROLE_ARN>" "instanceProfile" "<NODE_ROLE_ARN>" "environment" "<USER_ARN>" "noKeys" "<USER_ARN>" }}
{{- $lines := list }}
{{- range include "ecr-pull-secrets.identities" . | fromJsonArray }}
{{- $by := .role | default (get $before .way) | default "<ROLE_ARN>" }}
{{- range .assumed }}
{{- $lines = append $lines (printf "  %s: %s" .roleArn (include "ecr-pull-secrets.assumedTrustPolicy" (dict "by" $by "role" .))) }}
{{- $by = .roleArn }}
{{- end }}
{{- end }}
{{- with uniq $lines -}}
Each role of `assumeRole` must trust the one that assumes it, which must be allowed `sts:AssumeRole` and `sts:TagSession` on it:
{{ join "\n" . }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.podIdentity" -}}
{{- if include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "podIdentity") -}}
Associate a role with it, unless that is done already; then restart its Pods (EKS Pod Identity):
  {{ include "ecr-pull-secrets.podIdentityCommand" . }}
  {{ include "ecr-pull-secrets.restartCommand" . }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.instanceProfile" -}}
{{- if include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "instanceProfile") -}}
It uses the role of its node: Pods must reach the instance metadata (hop limit 2, or hostNetwork).
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.accessKeys" -}}
{{- with .Values.aws.accessKeySecret -}}
Its access keys are in the Secret {{ . }}. Make it, unless it is there: type `access-key-id=<ID>`, `secret-access-key=<KEY>` and Ctrl-D (none of it gets into the shell's history), or name a file of these two lines:
  kubectl -n {{ include "ecr-pull-secrets.namespace" $ }} create secret generic {{ . }} --from-env-file=/dev/stdin
{{- end }}
{{- end }}

{{/* Profiles that these values give no identity, and what gives them one. */}}
{{- define "ecr-pull-secrets.notes.noIdentity" -}}
{{- with include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "noRole") }}
WARNING: no role is named for web identity, which these profiles use: {{ . }}. Set aws.webIdentity.enabled=true with aws.webIdentity.roleArn=<ROLE_ARN> (on EKS: the annotation eks.amazonaws.com/role-arn in serviceAccount.annotations), or `roleArn` and `tokenFile` in their `credentials`.
{{ end }}
{{- with include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "noKeys") }}
WARNING: no access keys are given, which these profiles use: {{ . }}. Set aws.accessKeySecret=<SECRET>.
{{ end }}
{{- $unknown := include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "unknown") }}
{{- if not $unknown }}
{{- else if .Values.aws.webIdentity.enabled }}
{{- /* Where nothing uses its token, that is said below. */}}
{{- if include "ecr-pull-secrets.isTokenUsed" . }}
WARNING: these values give no AWS identity to the profiles that name no source: {{ $unknown }}. They work where the SDK finds one by itself; else set aws.webIdentity.roleArn=<ROLE_ARN>, or `roleArn` and `tokenFile` in their `credentials`.
{{ end }}
{{- else }}
WARNING: these values give no AWS identity to the profiles that name no source: {{ $unknown }}. They work where the SDK finds one by itself, such as the role of a node; else choose:
- EKS Pod Identity:
  {{ include "ecr-pull-secrets.podIdentityCommand" $ }}
  {{ include "ecr-pull-secrets.restartCommand" $ }}
{{- $trust := dict "root" $ "isIrsa" true "partition" "aws" "account" "<ACCOUNT_ID>" "audience" "sts.amazonaws.com" }}
- IRSA: --set 'serviceAccount.annotations.eks\.amazonaws\.com/role-arn=<ROLE_ARN>', with this trust policy:
{{ include "ecr-pull-secrets.trustPolicy" $trust | indent 2 }}
{{ include "ecr-pull-secrets.notes.provider" $trust | indent 2 }}
- any other cluster: aws.webIdentity, or aws.accessKeySecret
{{ end }}
{{- end }}

{{/* Whether a role, or a profile, takes the token that aws.webIdentity mounts: `yes` or nothing. */}}
{{- define "ecr-pull-secrets.isTokenUsed" -}}
{{- $directory := include "ecr-pull-secrets.tokenDirectory" . }}
{{- $isUsed := include "ecr-pull-secrets.roleArn" . }}
{{- range include "ecr-pull-secrets.identities" . | fromJsonArray }}
{{- if hasPrefix (print $directory "/") .tokenFile }}{{ $isUsed = "yes" }}{{ end }}
{{- end }}
{{- if $isUsed }}yes{{ end }}
{{- end }}

{{/* Tokens that profiles read, or nobody does. */}}
{{- define "ecr-pull-secrets.notes.tokens" -}}
{{- $directory := include "ecr-pull-secrets.tokenDirectory" . }}
{{- $isMounted := .Values.aws.webIdentity.enabled }}
{{- $displaced := list }}
{{- range include "ecr-pull-secrets.identities" . | fromJsonArray }}
{{- $isOurs := hasPrefix (print $directory "/") .tokenFile }}
{{- $isThere := and $isMounted (eq .tokenFile (print $directory "/token")) }}
{{- $file := .tokenFile }}
{{- range $.Values.extraVolumeMounts }}{{ if or (eq $file .mountPath) (hasPrefix (print (trimSuffix "/" .mountPath) "/") $file) }}{{ $isThere = true }}{{ end }}{{ end }}
{{- if and $isOurs (not $isThere) }}{{ $displaced = append $displaced (printf "%s (%s)" .name $file) }}{{ end }}
{{- end }}
{{- with $displaced }}
WARNING: no volume holds the token of these profiles: {{ join ", " . }}. Set aws.webIdentity.enabled=true, which mounts {{ $directory }}/token.
{{ end }}
{{- if and $isMounted (not (include "ecr-pull-secrets.isTokenUsed" .)) }}
WARNING: aws.webIdentity mounts a token that nothing uses: set aws.webIdentity.roleArn=<ROLE_ARN>, or `roleArn` and `tokenFile: {{ $directory }}/token` in the `credentials` of profiles with `source: webIdentity`.
{{ end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.identity" -}}
{{- range list "webIdentity" "assumedRoles" "podIdentity" "instanceProfile" "accessKeys" "noIdentity" "tokens" }}
{{- with include (print "ecr-pull-secrets.notes." .) $ | trim }}
{{ . }}
{{ end }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.injector" -}}
{{- $attachMode := dig "attach" "mode" "serviceAccounts" (.Values.config | default dict) }}
{{- if and .Values.admissionPolicies.injector.enabled (eq $attachMode "none") -}}
WARNING: admissionPolicies.injector.enabled makes no policy while config.attach.mode is none: Pods get no reference.
{{- end }}
{{- end }}

{{/* Which namespaces are served, where it is not all that opt in, and by this instance alone. */}}
{{- define "ecr-pull-secrets.notes.namespaces" -}}
{{- $only := include "ecr-pull-secrets.onlyNamespaces" . | fromJsonArray }}
{{- if $only -}}
It serves those of these namespaces that opt in: {{ join ", " $only }}.
{{- else if eq .Values.instance "default" }}
{{- else if eq (include "ecr-pull-secrets.secretName" .) "ecr-pull-secret" -}}
WARNING: its Secret is named "ecr-pull-secret", as that of instance "default". A namespace that both serve gets that of one alone, and a warning of the other (Event SecretNotOwned). To give it another name, upgrade it with --set cleanup.onUninstall=true, so that its Secrets go with it; then uninstall this release, and install it again with --set config.secretName={{ .Values.instance }}-pull-secret
{{- else -}}
It serves every namespace that opts in, as the other instances do: such a namespace gets a Secret of each. How to split them by config.namespaces: README of the chart, "Several installations".
{{- end }}
{{- end }}
