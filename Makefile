# A list of what people run; the logic is in the program and in xtask.

.PHONY: demo test lint docs bench real fuzz soak

demo: ## Build, start the sandbox, sign and broadcast for every chain, show the result
	cargo run --quiet --locked --profile demo -p tatum-kms --no-default-features -- demo

test: ## Everything that CI runs
	cargo run --quiet --locked -p xtask -- ci

lint:
	cargo run --quiet --locked -p xtask -- lint

bench: ## Speed, as ratios to a raw signature, one key derivation, one fsync
	cargo bench --locked --workspace

real: ## Install the nodes and judges that tests use in target/real
	cargo run --quiet --locked -p xtask -- real

docs: ## Write docs/chains.md from the registry
	cargo run --quiet --locked -p xtask -- docs

fuzz: ## Every decoder for a minute, with a nightly compiler
	cargo run --quiet --locked -p xtask -- fuzz

soak: ## The daemon amid faults and kills for five minutes, or KMS_SOAK_SECONDS
	cargo run --quiet --locked -p xtask -- soak
