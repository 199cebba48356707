{{/* The AWS identity that these values give each profile, and the policies and commands it needs in AWS. Lists and maps are returned as JSON. */}}

{{/* Where aws.webIdentity mounts its token. Profiles refer to this path. */}}
{{- define "ecr-pull-secrets.tokenDirectory" -}}
/var/run/secrets/ecr-pull-secrets/aws
{{- end }}

{{/* The role that these values set for web identity through environment variables, or nothing. */}}
{{- define "ecr-pull-secrets.roleArn" -}}
{{- $own := ternary .Values.aws.webIdentity.roleArn "" .Values.aws.webIdentity.enabled }}
{{- $own | default (index .Values.serviceAccount.annotations "eks.amazonaws.com/role-arn") | default "" }}
{{- end }}

{{/* Whether one of these variables may be set: `yes` or nothing. Any `extraEnvFrom` counts as yes, because its contents are unknown here. */}}
{{- define "ecr-pull-secrets.mayHaveVariable" -}}
{{- $names := list }}
{{- range .root.Values.extraEnv }}{{ $names = append $names .name }}{{ end }}
{{- $found := .root.Values.extraEnvFrom }}
{{- range .names }}{{ if has . $names }}{{ $found = true }}{{ end }}{{ end }}
{{- if $found }}yes{{ end }}
{{- end }}

{{/*
Where each profile gets its first credentials: name, way, role and tokenFile (both may be empty), and the roles assumed
afterwards. The way is a configured source that has what it needs; `auto` if these values provide an identity; `noRole`;
`noKeys`; or `unknown`, which means whatever the SDK finds.
*/}}
{{- define "ecr-pull-secrets.identities" -}}
{{- $role := include "ecr-pull-secrets.roleArn" . }}
{{- $hasRole := or $role (include "ecr-pull-secrets.mayHaveVariable" (dict "root" . "names" (list "AWS_ROLE_ARN"))) }}
{{- $hasKeys := or .Values.aws.accessKeySecret (include "ecr-pull-secrets.mayHaveVariable" (dict "root" . "names" (list "AWS_ACCESS_KEY_ID"))) }}
{{- $others := list "AWS_CONTAINER_CREDENTIALS_FULL_URI" "AWS_PROFILE" "AWS_CONFIG_FILE" "AWS_SHARED_CREDENTIALS_FILE" }}
{{- $hasAny := or $hasRole $hasKeys (include "ecr-pull-secrets.mayHaveVariable" (dict "root" . "names" $others)) }}
{{- $found := list }}
{{- range $name, $profile := dig "profiles" (dict "default" dict) (.Values.config | default dict) }}
{{- $source := dig "credentials" "source" "auto" $profile }}
{{- $own := dig "credentials" "roleArn" "" $profile }}
{{- $way := $source }}
{{- if and (eq $source "webIdentity") (not (or $own $hasRole)) }}{{ $way = "noRole" }}{{ end }}
{{- if and (eq $source "environment") (not $hasKeys) }}{{ $way = "noKeys" }}{{ end }}
{{- if and (eq $source "auto") (not $hasAny) }}{{ $way = "unknown" }}{{ end }}
{{- $first := $own }}
{{- if and (has $source (list "auto" "webIdentity")) (not $own) }}{{ $first = $role }}{{ end }}
{{- $assumed := default list $profile.assumeRole }}
{{- if not (kindIs "slice" $assumed) }}{{ $assumed = list $assumed }}{{ end }}
{{- $found = append $found (dict "name" $name "way" $way "role" $first "tokenFile" (dig "credentials" "tokenFile" "" $profile) "assumed" $assumed) }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* The names of the profiles with this way, as `a, b`. */}}
{{- define "ecr-pull-secrets.profilesOf" -}}
{{- $names := list }}
{{- range include "ecr-pull-secrets.identities" .root | fromJsonArray }}
{{- if eq .way $.way }}{{ $names = append $names .name }}{{ end }}
{{- end }}
{{- join ", " $names }}
{{- end }}

{{/* What web identity roles must trust, one item per partition, account and audience: isIrsa, partition, account, audience, roles. */}}
{{- define "ecr-pull-secrets.trusts" -}}
{{- $mounted := dict "isIrsa" false "audience" .Values.aws.webIdentity.audience }}
{{- $irsa := dict "isIrsa" true "audience" (index .Values.serviceAccount.annotations "eks.amazonaws.com/audience" | default "sts.amazonaws.com") }}
{{- $roles := list }}
{{- with include "ecr-pull-secrets.roleArn" . }}
{{- $isMounted := and $.Values.aws.webIdentity.enabled $.Values.aws.webIdentity.roleArn | empty | not }}
{{- $roles = append $roles (merge (dict "role" .) (ternary $mounted $irsa $isMounted)) }}
{{- end }}
{{- range include "ecr-pull-secrets.identities" . | fromJsonArray }}
{{- if .tokenFile }}
{{- $isIrsa := hasPrefix "/var/run/secrets/eks.amazonaws.com/" .tokenFile }}
{{- $roles = append $roles (merge (dict "role" .role) (ternary $irsa $mounted $isIrsa)) }}
{{- end }}
{{- end }}
{{- $trusts := dict }}
{{- range $roles }}
{{- $arn := concat (splitList ":" .role) (list "" "" "" "" "") }}
{{- $key := join " " (list (index $arn 1) (index $arn 4) .audience) }}
{{- $same := dig $key "roles" list $trusts }}
{{- $_ := set $trusts $key (merge (dict "partition" (index $arn 1) "account" (index $arn 4) "roles" (append $same .role | uniq)) .) }}
{{- end }}
{{- $sorted := list }}
{{- range keys $trusts | sortAlpha }}{{ $sorted = append $sorted (get $trusts .) }}{{ end }}
{{- toJson $sorted }}
{{- end }}

{{/* Trust policy for the controller's ServiceAccount. The issuer stays a placeholder: only the cluster knows it. */}}
{{- define "ecr-pull-secrets.trustPolicy" -}}
{{- $issuer := "<OIDC_ISSUER_WITHOUT_HTTPS>" -}}
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:{{ .partition }}:iam::{{ .account }}:oidc-provider/{{ $issuer }}"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "{{ $issuer }}:sub": "{{ include "ecr-pull-secrets.username" .root }}",
          "{{ $issuer }}:aud": "{{ .audience }}"
        }
      }
    }
  ]
}
{{- end }}

{{/* Trust policy of an assumed role, on one line: trusts `by`, with the external ID of `role` if it has one, and allows session tags. */}}
{{- define "ecr-pull-secrets.assumedTrustPolicy" -}}
{{- $principal := dict "AWS" .by }}
{{- $assume := dict "Effect" "Allow" "Principal" $principal "Action" "sts:AssumeRole" }}
{{- with .role.externalId }}{{ $_ := set $assume "Condition" (dict "StringEquals" (dict "sts:ExternalId" .)) }}{{ end }}
{{- $tag := dict "Effect" "Allow" "Principal" $principal "Action" "sts:TagSession" }}
{{- toRawJson (dict "Version" "2012-10-17" "Statement" (list $assume $tag)) }}
{{- end }}

{{- define "ecr-pull-secrets.podIdentityCommand" -}}
aws eks create-pod-identity-association --cluster-name <CLUSTER> --namespace {{ include "ecr-pull-secrets.namespace" . }} --service-account {{ include "ecr-pull-secrets.serviceAccountName" . }} --role-arn <ROLE_ARN>
{{- end }}

{{/* A Pod Identity association affects only new Pods. */}}
{{- define "ecr-pull-secrets.restartCommand" -}}
kubectl -n {{ include "ecr-pull-secrets.namespace" . }} rollout restart deployment/{{ include "ecr-pull-secrets.fullname" . }}
{{- end }}
