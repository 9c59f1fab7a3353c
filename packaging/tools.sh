#!/bin/sh
# Installs what `cargo xtask dist` builds with into the folder given, once, and says what is used of
# this system. Versions are pinned: another zig, another rpmbuild makes other bytes.
set -eu

folder=$1
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# The C compiler and linker that know an old glibc.
packages="cargo-zigbuild==0.24.1 ziglang==0.17.1"
if [ "$(cat "$folder/zig/installed" 2>/dev/null)" != "$packages" ]; then
    rm -rf "$folder/zig"
    # shellcheck disable=SC2086 # one word a package
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --no-warn-conflicts --target "$folder/zig" $packages
    mkdir -p "$folder/bin"
    ln -sf ../zig/bin/cargo-zigbuild "$folder/bin/cargo-zigbuild"
    echo "$packages" >"$folder/zig/installed"
fi

# The list of crates inside the binary, and the one beside it.
for tool in cargo-auditable@0.7.7 cargo-cyclonedx@0.5.9; do
    if [ "$(cat "$folder/$tool.installed" 2>/dev/null)" != yes ]; then
        cargo install --quiet --locked --root "$folder" "$tool"
        echo yes >"$folder/$tool.installed"
    fi
done

# Debian's own: packs the packages and the image, and signs.
apt_for() {
    command -v "$1" >/dev/null 2>&1 && return
    command -v apt-get >/dev/null 2>&1 || {
        echo "$1 is missing; packages are made on Debian 12" >&2
        exit 1
    }
    apt-get -qq update
    apt-get -qq install -y --no-install-recommends "$2" >/dev/null
}
apt_for dpkg-deb dpkg
apt_for rpmbuild rpm
apt_for objcopy binutils
apt_for buildah buildah
apt_for minisign minisign

cargo --version
echo "$packages"
dpkg-deb --version | head -n 1
rpmbuild --version
buildah --version
xz --version | head -n 1
tar --version | head -n 1
gzip --version | head -n 1
