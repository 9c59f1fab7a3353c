//! Fields of protocol buffers. <https://protobuf.dev/programming-guides/encoding/>

const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;

/// A number in a field; zero is left out.
pub(crate) fn put_number(number: u64, value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        put_varint((number << 3) | VARINT, out);
        put_varint(value, out);
    }
}

/// Bytes in a field, unless there are none.
pub(crate) fn put_nonempty(number: u64, bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes.is_empty() {
        put_bytes(number, bytes, out);
    }
}

/// Bytes in a field, even if there are none.
pub(crate) fn put_bytes(number: u64, bytes: &[u8], out: &mut Vec<u8>) {
    put_varint((number << 3) | LENGTH_DELIMITED, out);
    put_varint(u64::try_from(bytes.len()).unwrap_or(u64::MAX), out);
    out.extend_from_slice(bytes);
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
