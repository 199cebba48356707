{{/* Whether the registries and roles of a profile can exist, and in one partition. src/domain/registry-host.ts and aws-partition.ts have the same. */}}

{{/* The partition that a region belongs to; nothing for what can't be the name of a region. */}}
{{- define "ecr-pull-secrets.partition" -}}
{{- if regexMatch "^cn-[a-z]+-[0-9]{1,2}$" . }}aws-cn
{{- else if regexMatch "^us-gov-[a-z]+-[0-9]{1,2}$" . }}aws-us-gov
{{- else if regexMatch "^us-iso-[a-z]+-[0-9]{1,2}$" . }}aws-iso
{{- else if regexMatch "^us-isob-[a-z]+-[0-9]{1,2}$" . }}aws-iso-b
{{- else if regexMatch "^eu-isoe-[a-z]+-[0-9]{1,2}$" . }}aws-iso-e
{{- else if regexMatch "^us-isof-[a-z]+-[0-9]{1,2}$" . }}aws-iso-f
{{- else if regexMatch "^eusc-[a-z]{2}-[a-z]+-[0-9]{1,2}$" . }}aws-eusc
{{- else if regexMatch "^[a-z]{2}-(gov|iso[a-z]?)-" . }}
{{- else if regexMatch "^[a-z]{2}-[a-z]+-[0-9]{1,2}$" . }}aws
{{- end }}
{{- end }}

{{/* The partition of a host whose shape the schema has judged; nothing for one that can't exist. */}}
{{- define "ecr-pull-secrets.registryPartition" -}}
{{- $partitions := dict
  "amazonaws.com" (list "aws" "aws-us-gov")
  "amazonaws.com.cn" (list "aws-cn")
  "amazonaws.eu" (list "aws-eusc")
  "c2s.ic.gov" (list "aws-iso")
  "sc2s.sgov.gov" (list "aws-iso-b")
  "cloud.adc-e.uk" (list "aws-iso-e")
  "csp.hci.ic.gov" (list "aws-iso-f")
  "on.aws" (list "aws" "aws-us-gov")
  "on.amazonwebservices.com.cn" (list "aws-cn")
  "on.aws.ic.gov" (list "aws-iso")
  "on.aws.scloud" (list "aws-iso-b")
  "on.cloud-aws.adc-e.uk" (list "aws-iso-e")
  "on.aws.hci.ic.gov" (list "aws-iso-f") }}
{{- $shape := "^[0-9]{12}[.]dkr[.-]ecr(-fips)?[.]([^.]+)[.](.+)$" }}
{{- if not (regexMatch $shape .) }}aws
{{- else }}
{{- $region := regexReplaceAll $shape . "${2}" }}
{{- $partition := include "ecr-pull-secrets.partition" $region }}
{{- $isFips := eq (regexReplaceAll $shape . "${1}") "-fips" }}
{{- $hasFips := or (eq $partition "aws-us-gov") (and (eq $partition "aws") (hasPrefix "us-" $region)) }}
{{- if and (has $partition (get $partitions (regexReplaceAll $shape . "${3}"))) (or $hasFips (not $isFips)) }}{{ $partition }}{{ end }}
{{- end }}
{{- end }}

{{/* Of `profile` and its `path`. */}}
{{- define "ecr-pull-secrets.registryFaults" -}}
{{- $faults := list }}
{{- $path := .path }}
{{- $first := "" }}
{{- range $index, $host := .profile.registries }}
{{- $at := printf "%s.registries[%d]: %q" $path $index $host }}
{{- $partition := include "ecr-pull-secrets.registryPartition" $host }}
{{- $first = default $partition $first }}
{{- if not $partition }}
{{- $faults = append $faults (printf "%s: has a region that does not exist under this host, or a FIPS form, which exists only in regions of the United States" $at) }}
{{- else if ne $partition $first }}
{{- $faults = append $faults (printf "%s: is in partition %s, the first in %s: no identity has rights in both, so make a profile for each" $at $partition $first) }}
{{- end }}
{{- end }}
{{- $assumed := .profile.assumeRole | default list }}
{{- if kindIs "map" $assumed }}{{ $assumed = list $assumed }}{{ end }}
{{- $roles := dict "credentials.roleArn" (list (.profile.credentials | default dict)) "assumeRole" $assumed }}
{{- range $key, $ones := $roles }}
{{- range $ones }}
{{- $own := regexFind "^arn:[a-z-]+" (.roleArn | default "") | trimPrefix "arn:" }}
{{- if and $own $first (ne $own $first) }}
{{- $faults = append $faults (printf "%s.%s: has a role in partition %s, but the registries are in %s" $path $key $own $first) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $faults }}
{{- end }}
