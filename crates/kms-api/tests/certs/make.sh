#!/bin/sh
# Makes the certificates of this folder anew. The authority's key is thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }
key "$work/authority.key"
key server.key
cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = here
[here]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:false
extendedKeyUsage = serverAuth
CNF
: > "$work/index"
echo 01 > "$work/serial"
printf 'unique_subject = no\n' > "$work/index.attr"

# issue NAME EXTENSIONS START END SAN KEY ISSUER-OPTIONS…
issue() {
    name=$1 extensions=$2 start=$3 end=$4 san=$5 key=$6
    shift 6
    openssl req -new -key "$key" -subj "/CN=tatum-kms test $name" -out "$work/$name.csr" \
        ${san:+-addext "subjectAltName=$san"}
    openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$extensions" \
        -startdate "$start" -enddate "$end" -in "$work/$name.csr" -out "$name.pem" "$@"
}
here=DNS:localhost,IP:127.0.0.1
issue authority authority 20250101000000Z 21250101000000Z '' "$work/authority.key" \
    -selfsign -keyfile "$work/authority.key"
by="-cert authority.pem -keyfile $work/authority.key"
issue server server 20250101000000Z 21250101000000Z "$here" server.key $by
issue other-name server 20250101000000Z 21250101000000Z DNS:other.test server.key $by
issue expired server 20000101000000Z 20010101000000Z "$here" server.key $by
issue self-signed server 20250101000000Z 21250101000000Z "$here" server.key \
    -selfsign -keyfile server.key
