{{/* Paragraphs of the notes about the AWS identity, the injector and namespaces. Each is empty if it does not apply. */}}

{{/* The web identity roles: what they must trust, and the identity provider that their accounts need for the cluster. */}}
{{- define "ecr-pull-secrets.notes.webIdentity" -}}
{{- range include "ecr-pull-secrets.trusts" . | fromJsonArray }}
{{ len .roles | eq 1 | ternary "The role" "The roles" }} {{ join ", " .roles }} must trust the controller's ServiceAccount (web identity):
{{ include "ecr-pull-secrets.trustPolicy" (merge (dict "root" $) .) }}

{{ include "ecr-pull-secrets.notes.provider" . }}
{{ end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.provider" -}}
Account {{ .account }} needs an IAM identity provider for the cluster's issuer. Create it once:
{{- if .isIrsa }}
  ISSUER=$(aws eks describe-cluster --name <CLUSTER> --query cluster.identity.oidc.issuer --output text)
{{- else }}
  ISSUER=$(kubectl get --raw /.well-known/openid-configuration | jq -r .issuer)
{{- end }}
  aws iam create-open-id-connect-provider --url "$ISSUER" --client-id-list {{ .audience }}
{{- if .isIrsa }}
In the cluster's own account you can use this instead: eksctl utils associate-iam-oidc-provider --cluster <CLUSTER> --approve
{{- end }}
{{- end }}

{{/* Roles that are assumed in a chain: each trusts the previous one. */}}
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
Each role in `assumeRole` must trust the identity that assumes it, and that identity must be allowed `sts:AssumeRole` and `sts:TagSession` on the role:
{{ join "\n" . }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.podIdentity" -}}
{{- if include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "podIdentity") -}}
EKS Pod Identity: unless you have done so, associate a role with the controller's ServiceAccount, then restart its Pods:
  {{ include "ecr-pull-secrets.podIdentityCommand" . }}
  {{ include "ecr-pull-secrets.restartCommand" . }}
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.instanceProfile" -}}
{{- if include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "instanceProfile") -}}
The controller uses the role of its node: its Pods must reach the instance metadata (hop limit 2, or hostNetwork).
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.notes.accessKeys" -}}
{{- with .Values.aws.accessKeySecret -}}
The access keys come from the Secret {{ . }}. If it does not exist, create it: run this, then type `access-key-id=<ID>`, `secret-access-key=<KEY>` and Ctrl-D (nothing gets into the shell's history), or pass a file with these two lines:
  kubectl -n {{ include "ecr-pull-secrets.namespace" $ }} create secret generic {{ . }} --from-env-file=/dev/stdin
{{- end }}
{{- end }}

{{/* Profiles without an identity in these values, and how to give them one. */}}
{{- define "ecr-pull-secrets.notes.noIdentity" -}}
{{- with include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "noRole") }}
WARNING: these profiles use web identity, but no role is set for it: {{ . }}. Set aws.webIdentity.enabled=true with aws.webIdentity.roleArn=<ROLE_ARN> (on EKS: the annotation eks.amazonaws.com/role-arn in serviceAccount.annotations), or `roleArn` and `tokenFile` in their `credentials`.
{{ end }}
{{- with include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "noKeys") }}
WARNING: these profiles use access keys, but none are set: {{ . }}. Set aws.accessKeySecret=<SECRET>.
{{ end }}
{{- $unknown := include "ecr-pull-secrets.profilesOf" (dict "root" . "way" "unknown") }}
{{- if not $unknown }}
{{- else if .Values.aws.webIdentity.enabled }}
{{- /* If nothing uses the mounted token, `notes.tokens` warns of that. */}}
{{- if include "ecr-pull-secrets.isTokenUsed" . }}
WARNING: these values give no AWS identity to the profiles without a credential source: {{ $unknown }}. They work only if the SDK finds an identity by itself; otherwise set aws.webIdentity.roleArn=<ROLE_ARN>, or `roleArn` and `tokenFile` in their `credentials`.
{{ end }}
{{- else }}
WARNING: these values give no AWS identity to the profiles without a credential source: {{ $unknown }}. They work only if the SDK finds an identity by itself, such as the node role; otherwise choose one of these:
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

{{/* Whether a role or a profile uses the token that aws.webIdentity mounts: `yes` or nothing. */}}
{{- define "ecr-pull-secrets.isTokenUsed" -}}
{{- $directory := include "ecr-pull-secrets.tokenDirectory" . }}
{{- $isUsed := include "ecr-pull-secrets.roleArn" . }}
{{- range include "ecr-pull-secrets.identities" . | fromJsonArray }}
{{- if hasPrefix (print $directory "/") .tokenFile }}{{ $isUsed = "yes" }}{{ end }}
{{- end }}
{{- if $isUsed }}yes{{ end }}
{{- end }}

{{/* Profiles whose token file is not mounted, and a mounted token that nothing uses. */}}
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
WARNING: no volume contains the token file of these profiles: {{ join ", " . }}. Set aws.webIdentity.enabled=true, which mounts {{ $directory }}/token.
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
WARNING: admissionPolicies.injector.enabled has no effect while config.attach.mode is none: no policy is created, and Pods get no reference.
{{- end }}
{{- end }}

{{/* Which namespaces are served, unless this is the default instance and it serves all that opt in. */}}
{{- define "ecr-pull-secrets.notes.namespaces" -}}
{{- $only := include "ecr-pull-secrets.onlyNamespaces" . | fromJsonArray }}
{{- if $only -}}
This instance serves the following namespaces if they opt in: {{ join ", " $only }}.
{{- else if eq .Values.instance "default" }}
{{- else if eq (include "ecr-pull-secrets.secretName" .) "ecr-pull-secret" -}}
WARNING: the Secret of this instance is named "ecr-pull-secret", like that of instance "default". A namespace that both serve gets only one Secret, and a warning from the other instance (Event SecretNotOwned). To change the name: upgrade this release with --set cleanup.onUninstall=true (so that uninstalling removes its Secrets), uninstall it, and install it again with --set config.secretName={{ .Values.instance }}-pull-secret
{{- else -}}
This instance serves every namespace that opts in, and so do the other instances: such a namespace gets a Secret from each. To split namespaces with config.namespaces, see "Several installations" in the chart's README.
{{- end }}
{{- end }}
