{{/* Which AWS identity these values give the controller, and what has to be told to AWS for it. */}}

{{/* webIdentity, irsa, accessKeys, podIdentity, instanceProfile, environment, or `unknown`: whatever the SDK finds. */}}
{{- define "ecr-pull-secrets.identityKind" -}}
{{- $sources := list }}
{{- range dig "profiles" dict .Values.config }}
{{- $sources = append $sources (dig "credentials" "source" "auto" .) }}
{{- end }}
{{- $named := without (uniq $sources) "auto" }}
{{- $env := list }}
{{- range .Values.extraEnv }}{{ $env = append $env .name }}{{ end }}
{{- if .Values.aws.webIdentity.enabled -}}
webIdentity
{{- else if index .Values.serviceAccount.annotations "eks.amazonaws.com/role-arn" -}}
irsa
{{- else if .Values.aws.accessKeySecret -}}
accessKeys
{{- else if eq (len $named) 1 -}}
{{ first $named }}
{{- else if or .Values.extraEnvFrom (has "AWS_ACCESS_KEY_ID" $env) (has "AWS_ROLE_ARN" $env) -}}
environment
{{- else -}}
unknown
{{- end }}
{{- end }}

{{- define "ecr-pull-secrets.roleArn" -}}
{{- .Values.aws.webIdentity.roleArn | default (index .Values.serviceAccount.annotations "eks.amazonaws.com/role-arn") | default "<ROLE_ARN>" }}
{{- end }}

{{/* What the role must trust. Its account and partition stand in its ARN; who issues the cluster's tokens is known to the cluster alone. */}}
{{- define "ecr-pull-secrets.trustPolicy" -}}
{{- $arn := splitList ":" (include "ecr-pull-secrets.roleArn" .) }}
{{- $isArn := eq (len $arn) 6 }}
{{- $partition := ternary (index (append $arn "") 1 | default "aws") "aws" $isArn }}
{{- $account := "<ACCOUNT_ID>" }}
{{- if $isArn }}{{ $account = index $arn 4 }}{{ end }}
{{- $issuer := "<OIDC_ISSUER_WITHOUT_HTTPS>" -}}
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:{{ $partition }}:iam::{{ $account }}:oidc-provider/{{ $issuer }}"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "{{ $issuer }}:sub": "{{ include "ecr-pull-secrets.username" . }}",
          "{{ $issuer }}:aud": "{{ .Values.aws.webIdentity.audience }}"
        }
      }
    }
  ]
}
{{- end }}

{{- define "ecr-pull-secrets.podIdentityCommand" -}}
aws eks create-pod-identity-association --cluster-name <CLUSTER> --namespace {{ include "ecr-pull-secrets.namespace" . }} --service-account {{ include "ecr-pull-secrets.serviceAccountName" . }} --role-arn {{ include "ecr-pull-secrets.roleArn" . }}
{{- end }}
