-- journal.db, version 5: the numbers of XRP and Stellar accounts, which are the same on both
-- networks, say which network they are on.
update claim
set what = substr(what, 1, 3) || ':' || e.network || substr(what, 4),
    account = substr(account, 1, 3) || ':' || e.network || substr(account, 4)
from entry e
where e.id = claim.id and (what glob 'xrp:r*' or what glob 'xlm:[GC]*');
update superseded
set claims = replace(
    replace(claims, 'xrp:r', 'xrp:' || e.network || ':r'), 'xlm:G', 'xlm:' || e.network || ':G'
)
from entry e
where e.id = superseded.id;
