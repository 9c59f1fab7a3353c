//! A node of this test's own on loopback, asked by JSON-RPC, stopped when it goes out of scope.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(super) struct Node {
    process: Child,
    rpc: Rpc,
}

/// The address of a node, and the header that authenticates the caller.
#[derive(Clone)]
pub(super) struct Rpc {
    port: u16,
    authorization: &'static str,
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

impl Node {
    /// `ready` is a method that a node answers as soon as it works.
    pub(super) fn start(
        command: &mut Command,
        port: u16,
        authorization: &'static str,
        ready: &str,
    ) -> Self {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the node starts");
        let node = Self { process, rpc: Rpc { port, authorization } };
        let deadline = Instant::now() + Duration::from_secs(60);
        while let Err(error) = node.rpc.call(ready, &json!([])) {
            assert!(Instant::now() < deadline, "the node does not answer: {error}");
            std::thread::sleep(Duration::from_millis(100));
        }
        node
    }

    pub(super) const fn rpc(&self) -> &Rpc {
        &self.rpc
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Rpc {
    /// The result, or what the node says against it.
    pub(super) fn call(&self, method: &str, params: &Value) -> Result<Value, String> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer = self.post(&body.to_string()).map_err(|error| error.to_string())?;
        match answer["error"].take() {
            Value::Null => Ok(answer["result"].take()),
            error => Err(error.to_string()),
        }
    }

    pub(super) fn must(&self, method: &str, params: &Value) -> Value {
        self.call(method, params).unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    fn post(&self, body: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let head = format!(
            "POST / HTTP/1.0\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             authorization: {}\r\ncontent-length: {}\r\n\r\n",
            self.authorization,
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok(serde_json::from_str(body)?)
    }
}

/// A server of this test's own on loopback that speaks HTTP, stopped when it goes out of scope.
pub(super) struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts a program that answers on the port as soon as it works.
    pub(super) fn start(command: &mut Command, port: u16) -> Self {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self { process, port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        // It listens before it is ready.
        std::thread::sleep(Duration::from_millis(500));
        server
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Status and JSON of an answer.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        head: &[(&str, &str)],
        body: &Value,
    ) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.exchange(method, path, head, &body);
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        head: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let mut request = format!("{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\n");
        for (name, value) in head {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        (status.expect("a status"), body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
