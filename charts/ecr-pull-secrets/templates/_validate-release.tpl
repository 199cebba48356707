{{/*
Checks against the cluster: what this release would do to another installation, or to its own Secrets. Renders nothing.
`lookup` finds nothing in `helm template` and in dry runs.
*/}}
{{- define "ecr-pull-secrets.validateRelease" -}}
{{- $instanceName := include "ecr-pull-secrets.instanceName" . }}
{{- if not .Values.rbac.create }}
{{- /* A user who can't create roles can't read them either. */}}
{{- else if eq .Values.rbac.mode "named" }}
{{- include "ecr-pull-secrets.refuseSecond" (dict "root" . "found" (lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" $instanceName)) }}
{{- else }}
{{- range include "ecr-pull-secrets.onlyNamespaces" . | fromJsonArray }}
{{- include "ecr-pull-secrets.refuseSecond" (dict "root" $ "found" (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" . $instanceName)) }}
{{- end }}
{{- end }}
{{- if .Values.admissionPolicies.guard.enabled }}
{{- /* The only object that is the same in both modes. */}}
{{- $guard := lookup "admissionregistration.k8s.io/v1" "ValidatingAdmissionPolicyBinding" "" (printf "%s-guard-secrets" $instanceName) }}
{{- if eq (include "ecr-pull-secrets.madeBy" (dict "root" . "found" $guard)) "another" }}
{{- include "ecr-pull-secrets.failSecond" (dict "root" . "by" (include "ecr-pull-secrets.releaseOf" $guard)) }}
{{- end }}
{{- end }}
{{- if not .Values.allowOrphanedSecrets }}
{{- include "ecr-pull-secrets.refuseAbandoning" . }}
{{- end }}
{{- end }}

{{/* Which release created the object `found`: `this`, `another`, or `nobody` (not created by Helm). */}}
{{- define "ecr-pull-secrets.madeBy" -}}
{{- $release := dig "metadata" "annotations" "meta.helm.sh/release-name" "" .found }}
{{- $home := dig "metadata" "annotations" "meta.helm.sh/release-namespace" "" .found }}
{{- if not $release }}nobody
{{- else if and (eq $release .root.Release.Name) (eq $home .root.Release.Namespace) }}this
{{- else }}another
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.releaseOf" -}}
{{- $annotations := .metadata.annotations }}
{{- printf "release %q in namespace %q" (get $annotations "meta.helm.sh/release-name") (get $annotations "meta.helm.sh/release-namespace") }}
{{- end }}

{{- define "ecr-pull-secrets.failSecond" -}}
{{- fail (printf "instance %q is already installed in this cluster by %s: choose another instance name with `--set instance=…`, and another config.secretName, or uninstall the existing one" .root.Values.instance .by) }}
{{- end }}

{{/* The binding of an instance shows who owns it. */}}
{{- define "ecr-pull-secrets.refuseSecond" -}}
{{- $here := include "ecr-pull-secrets.namespace" .root }}
{{- $madeBy := include "ecr-pull-secrets.madeBy" . }}
{{- range dig "subjects" list .found }}
{{- if eq $madeBy "another" }}
{{- include "ecr-pull-secrets.failSecond" (dict "root" $.root "by" (include "ecr-pull-secrets.releaseOf" $.found)) }}
{{- else if eq (default "" .namespace) $here }}
{{- else if eq $madeBy "this" }}
{{- fail (printf "this release is installed into namespace %q, and an upgrade can't move it to %q: for a while two controllers would run, each with its own Lease. Keep the namespace with `--set namespaceOverride=%s`, or uninstall the release and install it again (its Secrets stay in place)" .namespace $here .namespace) }}
{{- else }}
{{- include "ecr-pull-secrets.failSecond" (dict "root" $.root "by" (printf "something other than Helm, for ServiceAccount %q in namespace %q" .name .namespace)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Refuse an upgrade after which nobody would refresh or remove the existing Secrets. */}}
{{- define "ecr-pull-secrets.refuseAbandoning" -}}
{{- $namespace := include "ecr-pull-secrets.namespace" . }}
{{- $name := include "ecr-pull-secrets.fullname" . }}
{{- $deployment := lookup "apps/v1" "Deployment" $namespace $name }}
{{- if eq (include "ecr-pull-secrets.madeBy" (dict "root" . "found" $deployment)) "this" }}
{{- range dig "spec" "template" "spec" "containers" list $deployment }}
{{- range eq .name "ecr-pull-secrets" | ternary .env list }}
{{- if and (eq .name "ECR_PULL_SECRETS_INSTANCE") (ne (default "" .value) $.Values.instance) }}
{{- fail (printf "instance is %q and would become %q, which does not own the existing Secrets: they would be left behind and expire. Keep `--set instance=%s`, or uninstall with cleanup.onUninstall and install again. (To leave them behind, use `--set allowOrphanedSecrets=true`.)" .value $.Values.instance .value) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $configMap := lookup "v1" "ConfigMap" $namespace $name }}
{{- if eq (include "ecr-pull-secrets.madeBy" (dict "root" . "found" $configMap)) "this" }}
{{- $config := dig "data" "config.yaml" "" $configMap | fromYaml }}
{{- $before := dig "secretName" "ecr-pull-secret" $config }}
{{- $after := include "ecr-pull-secrets.secretName" . }}
{{- if ne $before $after }}
{{- fail (printf "config.secretName is %q and would become %q: the Secrets with the old name would be left behind and expire. To change the name without a gap, install a second instance with the new name alongside this one: https://github.com/ecr-pull-secrets/ecr-pull-secrets/blob/main/docs/changing-the-secret-name.md (To leave them behind, use `--set allowOrphanedSecrets=true`.)" $before $after) }}
{{- end }}
{{- include "ecr-pull-secrets.refuseNarrowing" (dict "root" . "only" (dig "namespaces" "only" list $config) "name" $before) }}
{{- end }}
{{- end }}

{{/* Refuse to drop namespaces from `only` that still have a Secret of this `name`: nobody would have permissions for it afterwards. */}}
{{- define "ecr-pull-secrets.refuseNarrowing" -}}
{{- $now := include "ecr-pull-secrets.onlyNamespaces" .root | fromJsonArray }}
{{- $meant := "(To leave the Secrets behind, use `--set allowOrphanedSecrets=true`.)" }}
{{- if and $now (not .only) }}
{{- fail (printf "config.namespaces.only is empty and would become %s: the Secrets in all other namespaces would be left behind and expire. Opt those namespaces out first, and wait until their Secrets are gone. %s" (toJson $now) $meant) }}
{{- end }}
{{- /* A user who can't create roles can't read Secrets either. */}}
{{- $left := list }}
{{- if and $now .root.Values.rbac.create }}
{{- range .only }}{{ if not (has . $now) }}{{ $left = append $left . }}{{ end }}{{ end }}
{{- end }}
{{- range $namespace := $left }}
{{- $labels := dig "metadata" "labels" dict (lookup "v1" "Secret" $namespace $.name) }}
{{- $instance := get $labels "app.kubernetes.io/instance" | default "default" }}
{{- if and (eq (get $labels "app.kubernetes.io/managed-by") "ecr-pull-secrets") (eq $instance $.root.Values.instance) }}
{{- fail (printf "config.namespaces.only no longer lists %q, where Secret %q would be left behind and expire. Opt the namespace out first, with `kubectl annotate namespace %s --overwrite ecr-pull-secrets.io/enabled=false`, and wait until the Secret is gone. %s" $namespace $.name $namespace $meant) }}
{{- end }}
{{- end }}
{{- end }}
