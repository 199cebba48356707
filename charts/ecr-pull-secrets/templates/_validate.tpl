{{/* What the schema can't judge: values against each other, and against the cluster. Renders nothing. */}}
{{- define "ecr-pull-secrets.validate" -}}
{{- $only := include "ecr-pull-secrets.onlyNamespaces" . | fromJsonArray }}
{{- if and (eq .Values.rbac.mode "namespaces") (not $only) }}
{{- fail "rbac.mode is `namespaces`, so config.namespaces.only must name the namespaces" }}
{{- end }}
{{- if and (eq .Values.rbac.mode "named") $only }}
{{- fail "config.namespaces.only names namespaces, so rbac.mode must be `namespaces`" }}
{{- end }}
{{- if has (include "ecr-pull-secrets.secretName" .) (dig "previousSecretNames" list .Values.config) }}
{{- fail "config.previousSecretNames names config.secretName, which is not previous: take it out" }}
{{- end }}
{{- if and .Values.aws.webIdentity.roleArn (not .Values.aws.webIdentity.enabled) }}
{{- fail "aws.webIdentity.roleArn names a role, so aws.webIdentity.enabled must be true: nothing else mounts the token for it" }}
{{- end }}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{- fail "serviceAccount.create is false, so serviceAccount.name must name the ServiceAccount: `default` is every Pod's" }}
{{- end }}
{{- if not .Values.rbac.create }}
{{- /* Who may make no roles may not read them either. */}}
{{- else if eq .Values.rbac.mode "named" }}
{{- include "ecr-pull-secrets.refuseSecond" (dict "root" . "found" (lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" (include "ecr-pull-secrets.instanceName" .))) }}
{{- else }}
{{- range $only }}
{{- include "ecr-pull-secrets.refuseSecond" (dict "root" $ "found" (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" . (include "ecr-pull-secrets.instanceName" $))) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The binding of an instance says who has it. `lookup` finds nothing in `helm template` and in dry runs. */}}
{{- define "ecr-pull-secrets.refuseSecond" -}}
{{- if .found }}
{{- $here := include "ecr-pull-secrets.namespace" .root }}
{{- $release := dig "metadata" "annotations" "meta.helm.sh/release-name" "" .found }}
{{- $home := dig "metadata" "annotations" "meta.helm.sh/release-namespace" "" .found }}
{{- $isOtherRelease := and $release (or (ne $release .root.Release.Name) (ne $home .root.Release.Namespace)) }}
{{- range default list .found.subjects }}
{{- if or $isOtherRelease (ne .namespace $here) }}
{{- $by := ne $release "" | ternary (printf "release %q in namespace %q" $release $home) (printf "something else than Helm, for ServiceAccount %q in namespace %q" .name .namespace) }}
{{- fail (printf "instance %q is installed in this cluster already, by %s: give this one another name with `--set instance=…`, and another config.secretName, or uninstall that one" $.root.Values.instance $by) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
