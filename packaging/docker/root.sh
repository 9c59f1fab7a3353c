#!/bin/sh
# Assembles what the image holds in a folder: root.sh PROGRAM FOLDER. The C library and the
# authorities' certificates are Debian 12's, from its packages; there is no shell and no package
# manager. Used by the Dockerfile and by `cargo xtask image`, so that both make the same.
set -eu

program=$1 root=$2
umask 022
rm -rf "$root"
mkdir -p "$root"
root=$(cd "$root" && pwd)

packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
chmod 777 "$packages"
(cd "$packages" && apt-get -qq download libc6 libgcc-s1 ca-certificates)
for package in "$packages"/*.deb; do
    dpkg-deb -x "$package" "$packages/unpacked"
done

libraries=usr/lib/x86_64-linux-gnu
mkdir -p "$root/$libraries" "$root/lib64" "$root/etc/ssl/certs" "$root/usr/bin" "$root/tmp" "$root/opt/app"
ln -s usr/lib "$root/lib"
# What a program is linked with, and what glibc looks names up with.
for library in ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libgcc_s.so.1 libm.so.6 libnss_dns.so.2 \
    libnss_files.so.2 libpthread.so.0 libresolv.so.2 librt.so.1 libutil.so.1; do
    found=$(find "$packages/unpacked" -name "$library" | head -n 1)
    cp -L "$found" "$root/$libraries/$library"
    chmod 755 "$root/$libraries/$library"
done
ln -s "../$libraries/ld-linux-x86-64.so.2" "$root/lib64/ld-linux-x86-64.so.2"
find "$packages/unpacked/usr/share/ca-certificates" -name '*.crt' | LC_ALL=C sort |
    xargs cat >"$root/etc/ssl/certs/ca-certificates.crt"

cat >"$root/etc/passwd" <<'PASSWD'
root:x:0:0:root:/root:/sbin/nologin
node:x:1000:1000:the original's user:/home/node:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
PASSWD
cat >"$root/etc/group" <<'GROUP'
root:x:0:
node:x:1000:
nogroup:x:65534:
GROUP
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# A new named volume takes mode and owner of the folder it covers.
mkdir -p "$root/home/node/.tatumrc" "$root/root/.tatumrc"
chmod 1777 "$root/tmp"
# The original's older images kept the store below /root: whoever runs the program passes through.
chmod 711 "$root/root"
chmod 755 "$root/home/node"
chmod 711 "$root/home/node/.tatumrc" "$root/root/.tatumrc"
[ "$(id -u)" != 0 ] || chown 1000:1000 "$root/home/node/.tatumrc" "$root/root/.tatumrc"

cp "$program" "$root/usr/bin/tatum-kms"
chmod 755 "$root/usr/bin/tatum-kms"
