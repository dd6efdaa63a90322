#!/bin/sh
# Starts the broker; formats its folder at the first start, with the user that Fengsui signs in as.
set -eu
properties=/etc/fengsui/kafka.properties
if [ ! -e /var/lib/kafka/data/meta.properties ]; then
    password=$(cat /run/credentials/kafka.password)
    /opt/kafka/bin/kafka-storage.sh format --config "$properties" \
        --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
        --add-scram "SCRAM-SHA-512=[name=fengsui,password=$password]" > /dev/null
fi
exec /opt/kafka/bin/kafka-server-start.sh "$properties"
