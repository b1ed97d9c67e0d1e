{{- define "emanet.name" -}}
{{- if contains "emanet" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-emanet" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "emanet.labels" -}}
app.kubernetes.io/name: emanet
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "emanet.image" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{- define "emanet.claim" -}}
{{ .Values.state.existingClaim | default (printf "%s-state" (include "emanet.name" .)) }}
{{- end }}

{{/* Of every pod: it cannot ask Kubernetes for anything, is not root, and can write nowhere but where it is told to. */}}
{{- define "emanet.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "emanet.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Settings of web and worker. Call with a list: the root, and the name of the secret's key with the database's address. */}}
{{- define "emanet.env" -}}
{{- $root := index . 0 -}}
{{- with $root -}}
- { name: EMANET_HOME, value: /var/lib/emanet }
- { name: BASE_URL, value: {{ .Values.baseUrl | quote }} }
- { name: STORE, value: s3 }
- { name: S3_ENDPOINT, value: {{ .Values.store.endpoint | quote }} }
- { name: S3_REGION, value: {{ .Values.store.region | quote }} }
- { name: S3_BUCKET, value: {{ .Values.store.bucket | quote }} }
- { name: MAIL_FROM, value: {{ .Values.mail.from | quote }} }
- { name: MEDIA_SOCKET, value: /run/emanet/media.sock }
- { name: S3_ACCESS_KEY_ID_FILE, value: /run/secrets/emanet/s3-access-key-id }
- { name: S3_SECRET_ACCESS_KEY_FILE, value: /run/secrets/emanet/s3-secret-access-key }
- { name: VAULT_KEY_PASSPHRASE_FILE, value: /run/secrets/emanet/vault-passphrase }
- { name: DATABASE_URL_FILE, value: /run/secrets/emanet/{{ index $ 1 }} }
- name: SMTP_URL
  valueFrom: { secretKeyRef: { name: {{ .Values.existingSecret }}, key: smtp-url, optional: true } }
{{- range $name, $value := .Values.settings }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{/* Some keys of the secret, as files. Call with a list: the root, and the names of the keys. */}}
{{- define "emanet.secrets" -}}
- name: secrets
  secret:
    secretName: {{ (index . 0).Values.existingSecret }}
    defaultMode: 0440
    items:
      {{- range index . 1 }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}

{{/* Opens files for the container beside it, over a socket; it has no secret and no key. */}}
{{- define "emanet.media" -}}
- name: media
  {{- include "emanet.image" . | nindent 2 }}
  args: [node, src/processes/media.ts]
  env:
    - { name: MEDIA_SOCKET, value: /run/emanet/media.sock }
    - { name: EMANET_HOME, value: /nowhere }
  securityContext:
    runAsUser: 10001
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: { drop: [ALL] }
    {{- if .Values.media.seccompProfile }}
    seccompProfile: { type: Localhost, localhostProfile: {{ .Values.media.seccompProfile }} }
    {{- end }}
    {{- if .Values.media.unmaskedProc }}
    procMount: Unmasked
    {{- end }}
  resources: {{- toYaml .Values.media.resources | nindent 4 }}
  volumeMounts:
    - { name: media, mountPath: /run/emanet }
    - { name: media-tmp, mountPath: /tmp }
{{- end }}

{{- define "emanet.queueQuery" -}}
SELECT count(*) FROM graphile_worker._private_jobs WHERE run_at <= now() AND attempts < max_attempts
{{- end }}
