{{/*
What this release would do to another installation, or to its own Secrets, judged by the cluster. Renders nothing.
`lookup` finds nothing in `helm template` and in dry runs.
*/}}
{{- define "ecr-pull-secrets.validateRelease" -}}
{{- $instanceName := include "ecr-pull-secrets.instanceName" . }}
{{- if not .Values.rbac.create }}
{{- /* Who may make no roles may not read them either. */}}
{{- else if eq .Values.rbac.mode "named" }}
{{- include "ecr-pull-secrets.refuseSecond" (dict "root" . "found" (lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" $instanceName)) }}
{{- else }}
{{- range include "ecr-pull-secrets.onlyNamespaces" . | fromJsonArray }}
{{- include "ecr-pull-secrets.refuseSecond" (dict "root" $ "found" (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" . $instanceName)) }}
{{- end }}
{{- end }}
{{- if .Values.admissionPolicies.guard.enabled }}
{{- /* Of an installation in the other mode it is all that both have. */}}
{{- $guard := lookup "admissionregistration.k8s.io/v1" "ValidatingAdmissionPolicyBinding" "" (printf "%s-guard-secrets" $instanceName) }}
{{- if eq (include "ecr-pull-secrets.madeBy" (dict "root" . "found" $guard)) "another" }}
{{- include "ecr-pull-secrets.failSecond" (dict "root" . "by" (include "ecr-pull-secrets.releaseOf" $guard)) }}
{{- end }}
{{- end }}
{{- if not .Values.abandonSecrets }}
{{- include "ecr-pull-secrets.refuseAbandoning" . }}
{{- end }}
{{- end }}

{{/* Who has made the object `found`: `this` release, `another`, or `nobody` that Helm knows of. */}}
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
{{- fail (printf "instance %q is installed in this cluster already, by %s: give this one another name with `--set instance=…`, and another config.secretName, or uninstall that one" .root.Values.instance .by) }}
{{- end }}

{{/* The binding of an instance says who has it. */}}
{{- define "ecr-pull-secrets.refuseSecond" -}}
{{- $here := include "ecr-pull-secrets.namespace" .root }}
{{- $madeBy := include "ecr-pull-secrets.madeBy" . }}
{{- range dig "subjects" list .found }}
{{- if eq $madeBy "another" }}
{{- include "ecr-pull-secrets.failSecond" (dict "root" $.root "by" (include "ecr-pull-secrets.releaseOf" $.found)) }}
{{- else if eq (default "" .namespace) $here }}
{{- else if eq $madeBy "this" }}
{{- fail (printf "this release is installed into namespace %q, and an upgrade can't move it to %q: two controllers would run for a while, each with a Lease of its own. Keep it there with `--set namespaceOverride=%s`, or uninstall it and install it anew (its Secrets stay where they are)" .namespace $here .namespace) }}
{{- else }}
{{- include "ecr-pull-secrets.failSecond" (dict "root" $.root "by" (printf "something else than Helm, for ServiceAccount %q in namespace %q" .name .namespace)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* An upgrade after which nobody refreshes the Secrets of before, or removes them. */}}
{{- define "ecr-pull-secrets.refuseAbandoning" -}}
{{- $namespace := include "ecr-pull-secrets.namespace" . }}
{{- $name := include "ecr-pull-secrets.fullname" . }}
{{- $deployment := lookup "apps/v1" "Deployment" $namespace $name }}
{{- if eq (include "ecr-pull-secrets.madeBy" (dict "root" . "found" $deployment)) "this" }}
{{- range dig "spec" "template" "spec" "containers" list $deployment }}
{{- range eq .name "ecr-pull-secrets" | ternary .env list }}
{{- if and (eq .name "ECR_PULL_SECRETS_INSTANCE") (ne (default "" .value) $.Values.instance) }}
{{- fail (printf "instance is %q and would become %q, to which the Secrets of before are foreign: they would be left behind, and expire. Keep `--set instance=%s`, or uninstall with cleanup.onUninstall and install anew. (With `--set abandonSecrets=true` they are left behind.)" .value $.Values.instance .value) }}
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
{{- fail (printf "config.secretName is %q and would become %q: the Secrets with the old name would be left behind, and expire. To change the name without a gap, install a second instance with the new name beside this one: https://github.com/ecr-pull-secrets/ecr-pull-secrets/blob/main/docs/changing-the-secret-name.md (With `--set abandonSecrets=true` they are left behind.)" $before $after) }}
{{- end }}
{{- include "ecr-pull-secrets.refuseNarrowing" (dict "root" . "only" (dig "namespaces" "only" list $config) "name" $before) }}
{{- end }}
{{- end }}

{{/* Namespaces that are `only` served before and not any more, and have Secrets of this `name`: nobody has a right on them then. */}}
{{- define "ecr-pull-secrets.refuseNarrowing" -}}
{{- $now := include "ecr-pull-secrets.onlyNamespaces" .root | fromJsonArray }}
{{- $meant := "(With `--set abandonSecrets=true` what is there is left behind.)" }}
{{- if and $now (not .only) }}
{{- fail (printf "config.namespaces.only is empty and would become %s: the Secrets in all other namespaces would be left behind, and expire. Opt those namespaces out first, and wait until their Secrets are gone. %s" (toJson $now) $meant) }}
{{- end }}
{{- /* Who makes no roles may not read Secrets either. */}}
{{- $left := list }}
{{- if and $now .root.Values.rbac.create }}
{{- range .only }}{{ if not (has . $now) }}{{ $left = append $left . }}{{ end }}{{ end }}
{{- end }}
{{- range $namespace := $left }}
{{- $labels := dig "metadata" "labels" dict (lookup "v1" "Secret" $namespace $.name) }}
{{- $instance := get $labels "app.kubernetes.io/instance" | default "default" }}
{{- if and (eq (get $labels "app.kubernetes.io/managed-by") "ecr-pull-secrets") (eq $instance $.root.Values.instance) }}
{{- fail (printf "config.namespaces.only leaves out %q, where Secret %q would be left behind, and expire. Opt it out first, with `kubectl annotate namespace %s --overwrite ecr-pull-secrets.io/enabled=false`, and wait until the Secret is gone. %s" $namespace $.name $namespace $meant) }}
{{- end }}
{{- end }}
{{- end }}
