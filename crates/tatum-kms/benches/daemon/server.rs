//! An API that costs as little as an API can, and a client that does. HTTP/1.1 by hand, a thread a
//! connection.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

const READ_BYTES: usize = 1 << 16;
const POLL: &str = "/v3/kms/pending/";

/// A poll that was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poll {
    /// Its first bytes were there.
    pub(crate) begun: Instant,
    /// The last byte of the answer was given away.
    pub(crate) answered: Instant,
}

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) json: String,
    /// The end of the answer that had it first.
    pub(crate) offered: Option<Instant>,
    /// Its broadcast was there.
    pub(crate) arrived: Option<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// The pending transactions on Ethereum.
    pub(crate) items: Vec<Item>,
    places: HashMap<String, usize>,
    /// The next one is offered when the one before has arrived.
    pub(crate) one_by_one: bool,
    /// Answers to polls wait this long, by chain.
    pub(crate) delays: HashMap<String, Duration>,
    pub(crate) polls: HashMap<String, Vec<Poll>>,
}

impl Scene {
    pub(crate) fn offer(&mut self, items: Vec<Item>) {
        self.places = items.iter().enumerate().map(|(at, item)| (item.id.clone(), at)).collect();
        self.items = items;
    }

    pub(crate) fn arrived(&self) -> usize {
        self.items.iter().filter(|item| item.arrived.is_some()).count()
    }

    /// Polls of the chain that was asked least often.
    pub(crate) fn rounds(&self, chains: usize) -> usize {
        if self.polls.len() < chains {
            0
        } else {
            self.polls.values().map(Vec::len).min().unwrap_or_default()
        }
    }

    /// The list for a poll, and the places of what is in it for the first time.
    fn list(&self) -> (String, Vec<usize>) {
        let most = if self.one_by_one { 1 } else { usize::MAX };
        let open = self.items.iter().enumerate().filter(|(_, item)| item.arrived.is_none());
        let open: Vec<_> = open.take(most).collect();
        let list: Vec<_> = open.iter().map(|(_, item)| item.json.as_str()).collect();
        let new = open.iter().filter(|(_, item)| item.offered.is_none()).map(|(at, _)| *at);
        (format!("[{}]", list.join(",")), new.collect())
    }
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    scene: Arc<Mutex<Scene>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let scene = Arc::new(Mutex::new(Scene::default()));
        let own = Arc::clone(&scene);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let scene = Arc::clone(&own);
                // A connection that breaks is the client's end of it.
                thread::spawn(move || drop(serve(stream, &scene)));
            }
        });
        Self { address, scene }
    }

    pub(crate) fn scene(&self) -> MutexGuard<'_, Scene> {
        lock(&self.scene)
    }
}

fn lock(scene: &Mutex<Scene>) -> MutexGuard<'_, Scene> {
    scene.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, scene: &Mutex<Scene>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(READ_BYTES);
    while let Some(message) = read(&mut stream, &mut buffer)? {
        let head = String::from_utf8_lossy(&message.head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        match path.strip_prefix(POLL) {
            Some(chain) => answer_poll(&mut stream, scene, chain, message.begun)?,
            None => {
                if path.ends_with("/broadcast") {
                    note_broadcast(scene, &message.body);
                }
                respond(&mut stream, "{\"txId\":\"0x00\"}")?;
            }
        }
    }
    Ok(())
}

fn answer_poll(
    stream: &mut TcpStream,
    scene: &Mutex<Scene>,
    chain: &str,
    begun: Instant,
) -> io::Result<()> {
    let (delay, (list, new)) = {
        let scene = lock(scene);
        let nothing = || (String::from("[]"), Vec::new());
        let list = if chain == "ETH" { scene.list() } else { nothing() };
        (scene.delays.get(chain).copied(), list)
    };
    delay.into_iter().for_each(thread::sleep);
    respond(stream, &list)?;
    let answered = Instant::now();
    let mut scene = lock(scene);
    for place in new {
        if let Some(item) = scene.items.get_mut(place) {
            item.offered.get_or_insert(answered);
        }
    }
    scene.polls.entry(chain.to_owned()).or_default().push(Poll { begun, answered });
    drop(scene);
    Ok(())
}

fn note_broadcast(scene: &Mutex<Scene>, body: &[u8]) {
    let now = Instant::now();
    let body = String::from_utf8_lossy(body);
    let id = body.split_once("\"signatureId\":\"").and_then(|(_, rest)| rest.split('"').next());
    let mut scene = lock(scene);
    let place = id.and_then(|id| scene.places.get(id).copied());
    if let Some(item) = place.and_then(|place| scene.items.get_mut(place)) {
        item.arrived.get_or_insert(now);
    }
}

fn respond(stream: &mut TcpStream, body: &str) -> io::Result<()> {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes())
}

struct Message {
    head: Vec<u8>,
    body: Vec<u8>,
    begun: Instant,
}

/// The next request or answer; what is read beyond it stays in the buffer.
fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Message>> {
    let mut begun = (!buffer.is_empty()).then(Instant::now);
    let mut chunk = vec![0; READ_BYTES];
    let mut length = None;
    loop {
        if length.is_none() {
            length = head_end(buffer).map(|end| (end, end + content_length(&buffer[..end])));
        }
        if let Some((head_end, end)) = length
            && buffer.len() >= end
        {
            let rest = buffer.split_off(end);
            let body = buffer.split_off(head_end);
            let head = std::mem::replace(buffer, rest);
            return Ok(Some(Message { head, body, begun: begun.unwrap_or_else(Instant::now) }));
        }
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(None);
        }
        begun.get_or_insert_with(Instant::now);
        buffer.extend_from_slice(&chunk[..count]);
    }
}

fn head_end(buffer: &[u8]) -> Option<usize> {
    buffer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse().ok()).unwrap_or_default()
}

/// One connection that calls again and again.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, buffer: Vec::new() }
    }

    /// The length of the answer's body.
    pub(crate) fn call(&mut self, path: &str, body: &str) -> usize {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: key\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes()).expect("written");
        self.stream.write_all(body.as_bytes()).expect("written");
        let answer = read(&mut self.stream, &mut self.buffer).expect("read");
        answer.expect("an answer").body.len()
    }
}
