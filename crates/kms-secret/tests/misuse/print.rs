fn main() {
    let password = kms_secret::Password::new(String::from("hunter2"));
    println!("{password}");
}
